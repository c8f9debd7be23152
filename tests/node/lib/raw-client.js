import assert from 'node:assert/strict';
import { once } from 'node:events';

import WebSocket from 'ws';

import { frame, readFrame } from './frames.js';
import { Inbox, within } from './inbox.js';

/** A WebSocket of which each message is looked at. */
export class RawClient {
  #inbox = new Inbox();

  static async open(t, url, { protocols = [], ...options } = {}) {
    const client = new RawClient(new WebSocket(url, protocols, options));
    t.after(() => client.socket.terminate());
    await within(once(client.socket, 'open'), 'open WebSocket');
    return client;
  }

  /** A client with a session of this version. */
  static async connect(t, url, version = '1.2', headers = {}) {
    const client = await RawClient.open(t, url);
    client.sendFrame('CONNECT', { 'accept-version': version, host: 'localhost', ...headers });
    client.connected = await client.expect('CONNECTED');
    return client;
  }

  constructor(socket) {
    this.socket = socket;
    socket.on('message', (data, isBinary) => this.#inbox.put({ data, isBinary }));
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    this.closed.then(() => this.#inbox.put(null));
  }

  /** Sends a string as text, a Buffer as binary. */
  send(data, options) {
    this.socket.send(data, options);
  }

  sendFrame(command, headers, body) {
    this.send(frame(command, headers, body));
  }

  /** Sends a frame and waits for its RECEIPT; the result is what came before it. */
  async sendWithReceipt(command, headers, body) {
    const receipt = `receipt-${Math.random()}`;
    this.sendFrame(command, { ...headers, receipt }, body);
    const before = [];
    for (;;) {
      const next = await this.nextFrame();
      if (next.command === 'RECEIPT' && next.headers['receipt-id'] === receipt) return before;
      assert.notEqual(next.command, 'ERROR', next.text);
      before.push(next);
    }
  }

  /** The next WebSocket message, heart-beats too; `null` when the connection is closed. */
  nextMessage() {
    return this.#inbox.next('WebSocket message');
  }

  /** The next frame, past heart-beats. */
  async nextFrame() {
    for (;;) {
      const message = await this.nextMessage();
      assert.ok(message, 'the server has closed instead of sending a frame');
      if (!isHeartBeat(message)) return readFrame(message.data, message.isBinary);
    }
  }

  async expect(command) {
    const next = await this.nextFrame();
    assert.equal(next.command, command, next.text.slice(0, 1000));
    return next;
  }

  /** ERROR as the last frame, then the close (ERR-001, ERR-002, WS-024). */
  async expectError(code, closeCode = 1002) {
    const error = await this.expect('ERROR');
    assert.equal(error.headers.code, code, error.text);
    assert.ok(error.headers.message, 'ERROR has a message');
    assert.equal(error.headers['content-type'], 'text/plain');
    assert.equal(error.isBinary, false, 'ERROR is a text message (ERR-015)');
    await this.expectClosed(closeCode);
    return error;
  }

  /** The close, and no message before it. */
  async expectClosed(closeCode) {
    const message = await this.nextMessage();
    assert.equal(message, null, `after the last frame came ${message?.data}`);
    assert.equal((await this.closed).code, closeCode);
  }
}

/** A heart-beat is a message of one octet (HB-015, WS-014). */
export function isHeartBeat({ data }) {
  return data.length === 1 && data[0] === 0x0a;
}

/** Asks until the server knows of so many sessions of the client's user. */
export async function waitForSessions(client, count) {
  for (let id = 0; ; id++) {
    client.sendFrame('SUBSCRIBE', { id: `sessions-${id}`, destination: '/app/sessions' });
    const { text } = await client.expect('MESSAGE');
    client.sendFrame('UNSUBSCRIBE', { id: `sessions-${id}` });
    if (text === String(count)) return;
  }
}
