// STOMP frames for the raw suites: a writer without opinions, so that it can write what is wrong, and a strict reader.

import assert from 'node:assert/strict';

/** A frame of lines as they are; nothing is escaped or added. */
export function frame(command, headers = {}, body = '') {
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  return `${command}\n${lines.join('')}\n${body}\0`;
}

const ESCAPES = { '\\r': '\r', '\\n': '\n', '\\c': ':', '\\\\': '\\' };

/** Reads a WebSocket message that must be exactly one frame (WS-013), with LF line ends (ENC-010). */
export function readFrame(data, isBinary) {
  const headEnd = data.indexOf('\n\n');
  assert.notEqual(headEnd, -1, `no frame: ${data}`);
  const [command, ...lines] = data.toString('utf8', 0, headEnd).split('\n');
  const headers = Object.create(null);
  for (const line of lines) {
    const colon = line.indexOf(':');
    assert.ok(colon > 0, `a header without a name: ${line}`);
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1)].map((text) =>
      command === 'CONNECTED' ? text : unescape(text),
    );
    headers[name] ??= value;
  }
  const body = data.subarray(headEnd + 2, -1);
  assert.equal(data.at(-1), 0, 'the last octet of a message is the NUL of its frame');
  if (headers['content-length'] !== undefined) {
    assert.equal(Number(headers['content-length']), body.length, 'content-length counts the octets of the body');
  } else {
    assert.ok(!body.includes(0), 'a body without content-length ends at the first NUL');
  }
  return { command, headers, body, text: body.toString(), isBinary };
}

function unescape(text) {
  return text.replace(/\\(.?)/gs, (escape) => {
    assert.ok(escape in ESCAPES, `an escape that STOMP does not have: ${escape}`);
    return ESCAPES[escape];
  });
}
