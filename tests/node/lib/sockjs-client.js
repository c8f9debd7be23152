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
  /** The messages in order. */
  messages = new Inbox();
  /** How often `open` came. */
  opened = 0;

  /** A client whose `open` has come. It ends with the test. */
  static async open(t, url, transport, options) {
    const client = new SockjsClient(t, url, { ...(transport && { transports: [transport] }), ...options });
    const open = new Promise((resolve) => client.socket.addEventListener('open', resolve));
    const closed = client.closed.then(({ code, reason }) => Promise.reject(new Error(`closed: ${code} ${reason}`)));
    await within(Promise.race([open, closed]), 'open');
    closed.catch(() => {});
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
    this.socket.addEventListener('message', ({ data }) => this.messages.put(data));
    this.closed = new Promise((resolve) => this.socket.addEventListener('close', resolve));
    t.after(() => this.socket.close());
  }

  send(...messages) {
    for (const message of messages) this.socket.send(message);
  }

  /** Sends these messages, and returns as many as they are. */
  async exchange(messages) {
    this.send(...messages);
    return this.messages.take(messages.length);
  }

  /** The event of the close, and no message before it. */
  async close() {
    const event = await within(this.closed, 'close');
    const { code, reason, wasClean } = event;
    return { code, reason, wasClean };
  }
}
