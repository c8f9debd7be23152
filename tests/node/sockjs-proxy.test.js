// `sockjs-client` 1.6 behind nginx that lets no WebSocket through: it finds a transport that works by itself, and STOMP works
// over that.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { PROXIES, startNginx } from './lib/nginx.js';
import { RawClient } from './lib/raw-client.js';
import { SockjsClient } from './lib/sockjs-client.js';
import { startSockjsServer } from './lib/sockjs-server.js';
import { connectOverSockjs } from './lib/sockjs-stomp.js';
import { subscribe } from './lib/stompjs-client.js';

const server = await startSockjsServer();
after(() => server.stop());

const nginx = await startNginx(server.port);
after(() => nginx.stop());
const { pathname } = new URL(server.baseUrl);

/** What the client ends up with. A stream says nothing before a buffer of nginx is full, and the client tries the next. */
const TRANSPORTS = {
  'that forbids upgrades and does not buffer': 'xhr-streaming',
  'as it is by default': 'xhr-polling',
};

describe('through nginx', { concurrency: true }, () => {
  for (const [proxy, { status }] of Object.entries(PROXIES)) {
    const url = (service) => nginx.urls[proxy] + pathname + `/${service}`;
    // For each attempt; by itself the client waits for some 600 ms here (SJ-CLI-06), which a busy machine may need.
    const patience = { timeout: 2_000 };

    test(`SJ-WS-06, SJ-CLI-07: ${proxy}, the client takes ${TRANSPORTS[proxy]}`, async (t) => {
      const webSocketUrl = `${url('echo')}/000/a/websocket`.replace(/^http/, 'ws');
      await assert.rejects(RawClient.open(t, webSocketUrl), { message: new RegExp(`response: ${status}$`) });
      const client = await SockjsClient.open(t, url('echo'), undefined, patience);
      assert.equal(client.transport, TRANSPORTS[proxy]);
      const messages = Array.from({ length: 300 }, (_, number) => `${number} 50% 🦀 ${'x'.repeat(100)}`);
      assert.deepEqual(await client.exchange(messages), messages);
      for (const message of messages.slice(0, 5)) assert.deepEqual(await client.exchange([message]), [message]);
    });

    test(`SJ-SES-12: ${proxy}, the close has the code of the application`, async (t) => {
      const client = new SockjsClient(t, url('close'), patience);
      assert.deepEqual(await client.end(), { code: 3000, reason: 'Go away!', wasClean: true });
    });

    test(`SJ-SPR-02: ${proxy}, STOMP works`, async (t) => {
      const client = await connectOverSockjs(t, url('stomp'), undefined, {}, patience);
      assert.equal(client.socket.transport, TRANSPORTS[proxy]);
      const replies = await subscribe(client, '/user/queue/echo');
      for (const body of ['hello', 'grün 🦀 50%', '日'.repeat(20_000), 'bye']) {
        client.publish({ destination: '/app/echo', body });
        assert.equal((await replies.next()).body, body);
      }
      await client.deactivate();
    });
  }
});
