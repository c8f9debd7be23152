// `sockjs-client`, with its events turned into what a test can wait for.

import { randomUUID } from 'node:crypto';

import SockJS from 'sockjs-client';

import { Inbox, within } from './inbox.js';

/** All that the client has in Node, in the order in which it tries them (SJ-CLI-01, SJ-CLI-02). */
export const TRANSPORTS = ['websocket', 'xhr-streaming', 'eventsource', 'xhr-polling'];

/** For tests of the requests of a stream, which a response limit ends. */
export const STREAMS = { 'xhr-streaming': '/xhr_streaming', eventsource: '/eventsource' };

/**
 * A socket that is on its way. With `transports` it tries only those. It is more patient than it is by itself, which is
 * some 600 ms here (SJ-CLI-06): a busy machine is not what a test is about.
 */
export function newSocket(url, options = {}) {
  return new SockJS(url, null, { timeout: 5_000, ...options });
}

/** A connection through a transport. */
export class SockjsClient {
  #messages = new Inbox();
  /** How often `open` came. */
  opened = 0;

  /** A client whose `open` has come. It ends with the test. */
  static async open(t, url, transport, options) {
    const client = new SockjsClient(t, url, { ...(transport && { transports: [transport] }), ...options });
    const open = new Promise((resolve) => client.socket.addEventListener('open', resolve));
    await client.#unlessClosed(within(open, 'open'));
    return client;
  }

  constructor(t, url, options) {
    const session = randomUUID();
    this.socket = newSocket(url, { server: '000', sessionId: () => session, ...options });
    this.sessionUrl = `${url}/000/${session}`;
    this.socket.addEventListener('open', () => {
      this.opened++;
      // The socket forgets it when it closes.
      this.transport = this.socket.transport;
    });
    this.socket.addEventListener('message', ({ data }) => this.#messages.put(data));
    this.closed = new Promise((resolve) => this.socket.addEventListener('close', resolve));
    t.after(() => this.socket.close());
  }

  send(...messages) {
    for (const message of messages) this.socket.send(message);
  }

  /** So many messages, in their order. */
  receive(count) {
    return this.#unlessClosed(this.#messages.take(count));
  }

  /** What is here already, without waiting. */
  takeAll() {
    return this.#messages.takeAll();
  }

  /** Sends these messages, and returns as many as they are. */
  exchange(messages) {
    this.send(...messages);
    return this.receive(messages.length);
  }

  /** What the promise comes to, if the connection stays open for as long. */
  async #unlessClosed(promise) {
    const closed = this.closed.then(({ code, reason }) => {
      throw new Error(`the connection ended: ${code} ${reason}`);
    });
    // The other one may fail later, when nobody waits for it any more.
    promise.catch(() => {});
    closed.catch(() => {});
    return Promise.race([promise, closed]);
  }

  /** How it ends. */
  async end() {
    const { code, reason, wasClean } = await within(this.closed, 'close');
    return { code, reason, wasClean };
  }
}
