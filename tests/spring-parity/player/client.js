// A STOMP client over a WebSocket that keeps whatever comes, and knows when all has come.

import { createRequire } from 'node:module';

import { decodeFrame, encodeFrame, headerOf } from './frames.js';

// That of the other suites, so that there is no second lock file.
const WebSocket = createRequire(new URL('../../node/package.json', import.meta.url))('ws');

const SYNC = '~sync';
const QUESTIONS = '~questions';
/** More than any step of a scenario needs; who waits longer waits for ever. */
export const PATIENCE_MS = 20_000;

export class Client {
  /** What has come since the last look: frames, and `{ closed: code }`. */
  received = [];
  isConnected = false;
  hasError = false;
  #waiting = new Map();
  #nextToken = 0;
  #isSyncing = false;
  #isAsking = false;
  #arrivals = new Set();

  static async open(name, url) {
    const client = new Client(name, new WebSocket(url));
    await client.#within(
      new Promise((resolve, reject) => {
        client.socket.once('open', resolve);
        client.socket.once('error', reject);
      }),
      'open',
    );
    return client;
  }

  constructor(name, socket) {
    this.name = name;
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.on('close', resolve));
    this.closed.then((code) => this.#arrived({ closed: code }));
    socket.on('error', () => {});
    socket.on('message', (data, isBinary) => {
      const frame = decodeFrame(data, isBinary);
      if (frame) this.#take(frame);
    });
    socket.on('pong', (token) => this.#waiting.get(`pong ${token}`)?.());
  }

  get isOpen() {
    return this.socket.readyState === WebSocket.OPEN;
  }

  get isClosing() {
    return this.socket.readyState === WebSocket.CLOSING;
  }

  /** The close frame of a client that goes. */
  close() {
    this.socket.close(1000);
    return this.closed;
  }

  /** CONNECT, and CONNECTED, which is not kept. */
  async connect(headers) {
    const all = [['accept-version', '1.2'], ['host', 'localhost'], ['heart-beat', '0,0'], ...headers];
    this.sendFrame('CONNECT', all);
    const first = await this.#within(this.arrivals(1), 'CONNECTED');
    if (!this.isConnected) throw new Error(`${this.name}: no CONNECTED but ${JSON.stringify(first)}`);
    this.received.length = 0;
  }

  sendFrame(command, headers, body) {
    this.send(encodeFrame(command, headers, body));
  }

  /** As text, if it is text. */
  send(data) {
    if (!this.isOpen) return;
    const isText = Buffer.from(data.toString('utf8')).equals(data);
    this.socket.send(data, { binary: !isText });
  }

  /** When so many frames have come, or the close. */
  arrivals(count) {
    return this.#within(
      new Promise((resolve) => {
        const look = () => {
          if (this.received.length < count && this.isOpen) return;
          this.#arrivals.delete(look);
          resolve(this.received);
        };
        this.#arrivals.add(look);
        look();
      }),
      `${count} frames`,
    );
  }

  /** The server has read everything up to here. */
  async ping() {
    if (!this.isOpen) return;
    const token = String(this.#nextToken++);
    const pong = new Promise((resolve) => this.#waiting.set(`pong ${token}`, resolve));
    this.socket.ping(token);
    await this.#within(Promise.race([pong, this.closed]), 'pong');
  }

  /** The server has handled everything up to here, and nothing that it has sent is under way. */
  async sync() {
    if (!this.#isSyncing) {
      this.#isSyncing = true;
      this.sendFrame('SUBSCRIBE', [['id', SYNC], ['destination', '/user/queue/sync']]);
    }
    const token = String(this.#nextToken++);
    const reply = new Promise((resolve) => this.#waiting.set(`sync ${token}`, resolve));
    this.sendFrame('SEND', [['destination', '/app/sync']], Buffer.from(token));
    await this.#within(Promise.race([reply, this.closed]), 'synchronisation');
  }

  /** What the server says about sessions: the `id` of this one, or the `count` of all. */
  async ask(question) {
    if (!this.#isAsking) {
      this.#isAsking = true;
      this.sendFrame('SUBSCRIBE', [['id', QUESTIONS], ['destination', '/user/queue/session']]);
      await this.sync();
    }
    const reply = new Promise((resolve) => this.#waiting.set('answer', resolve));
    this.sendFrame('SEND', [['destination', `/app/session/${question}`]]);
    return this.#within(reply, question);
  }

  #take(frame) {
    const subscription = frame.command === 'MESSAGE' && headerOf(frame, 'subscription');
    const body = frame.body.toString();
    if (subscription === SYNC) this.#waiting.get(`sync ${body}`)?.();
    else if (subscription === QUESTIONS) this.#waiting.get('answer')(body);
    else this.#arrived(frame);
  }

  #arrived(event) {
    this.isConnected ||= event.command === 'CONNECTED';
    this.hasError ||= event.command === 'ERROR';
    this.received.push(event);
    for (const look of this.#arrivals) look();
  }

  /** Patience has an end, which no result depends on: it fails. */
  async #within(promise, what) {
    let timer;
    const timeout = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${this.name}: no ${what}`)), PATIENCE_MS);
    });
    try {
      return await Promise.race([promise, timeout]);
    } finally {
      clearTimeout(timer);
    }
  }
}
