import net from 'node:net';

const [CONNECTING, OPEN, CLOSING, CLOSED] = [0, 1, 2, 3];

/** A TCP connection as `@stomp/stompjs` wants it from its `webSocketFactory`: like a WebSocket. */
export class TcpSocket {
  #socket;
  readyState = CONNECTING;
  /** The packets as they come. */
  packets = [];

  constructor(port) {
    this.url = `tcp://127.0.0.1:${port}`;
    this.#socket = net.connect(port, '127.0.0.1', () => {
      this.readyState = OPEN;
      this.onopen?.();
    });
    this.#socket.setNoDelay();
    this.#socket.on('data', (data) => {
      this.packets.push(data);
      // A Buffer may be a part of a larger ArrayBuffer, of which the client would read all.
      this.onmessage?.({ data: new Uint8Array(data).buffer });
    });
    this.#socket.on('error', (error) => {
      this.error = error;
      this.onerror?.(error);
    });
    this.#socket.on('close', () => {
      this.readyState = CLOSED;
      this.onclose?.({ code: this.error ? 1006 : 1000 });
    });
  }

  send(data) {
    this.#socket.write(typeof data === 'string' ? data : new Uint8Array(data));
  }

  close() {
    this.readyState = CLOSING;
    this.#socket.end();
  }

  terminate() {
    this.#socket.resetAndDestroy();
  }
}
