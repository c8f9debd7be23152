// The SockJS services under test: those of a testbed, or those of another server, whose base url `SOCKJS_BASE_URL` names.

import { startTestbed } from './testbed.js';

/** Starts a testbed with these options and its SockJS services, unless there is another server to test. */
export async function startSockjsServer(...options) {
  const baseUrl = process.env.SOCKJS_BASE_URL;
  if (baseUrl) return new SockjsServer(baseUrl, null);
  const testbed = await startTestbed(...options);
  return new SockjsServer(`http://127.0.0.1:${testbed.port}/sockjs`, testbed);
}

class SockjsServer {
  #testbed;

  constructor(baseUrl, testbed) {
    this.baseUrl = baseUrl;
    this.#testbed = testbed;
  }

  /** What a client connects to. */
  url(service) {
    return `${this.baseUrl}/${service}`;
  }

  /** The same for a client without SockJS (SJ-RAW-04). */
  rawUrl(service) {
    return `${this.url(service).replace(/^http/, 'ws')}/websocket`;
  }

  /** The port to reach it at; it is on this machine. */
  get port() {
    return Number(new URL(this.baseUrl).port);
  }

  async stop() {
    await this.#testbed?.stop();
  }
}
