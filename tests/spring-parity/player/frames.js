// STOMP frames as they are: nothing is checked here, since what servers write is what is compared.

const ESCAPES = { '\\': '\\\\', '\r': '\\r', '\n': '\\n', ':': '\\c' };
const UNESCAPES = { '\\\\': '\\', '\\r': '\r', '\\n': '\n', '\\c': ':' };

/** A frame; `headers` are pairs, so that a header can be repeated. */
export function encodeFrame(command, headers, body = Buffer.alloc(0)) {
  const escape = (text) =>
    command === 'CONNECT' ? text : text.replace(/[\\\r\n:]/g, (character) => ESCAPES[character]);
  const lines = headers.map(([name, value]) => `${escape(name)}:${escape(value)}\n`);
  return Buffer.concat([Buffer.from(`${command}\n${lines.join('')}\n`), body, Buffer.from('\0')]);
}

/** Reads a WebSocket message; a heart-beat is `null`. */
export function decodeFrame(data, isBinary) {
  if (data.toString() === '\n') return null;
  const headEnd = data.indexOf('\n\n');
  const [command, ...lines] = data.toString('utf8', 0, headEnd).split('\n');
  const unescape = (text) =>
    command === 'CONNECTED' ? text : text.replace(/\\[\\rnc]/g, (escape) => UNESCAPES[escape]);
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [unescape(line.slice(0, colon)), unescape(line.slice(colon + 1))];
  });
  return { command, headers, body: data.subarray(headEnd + 2, -1), isBinary };
}

/** The first of this name, as STOMP says. */
export function headerOf(frame, name) {
  return frame.headers.find(([other]) => other === name)?.[1];
}
