// STOMP over SockJS: `@stomp/stompjs` 7 over `sockjs-client` 1.6, through every transport that it has in Node.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { HARD_TEXTS } from './lib/hard-texts.js';
import { Inbox, within } from './lib/inbox.js';
import { TRANSPORTS } from './lib/sockjs-client.js';
import { startSockjsServer } from './lib/sockjs-server.js';
import { connectOverSockjs, connectRaw, newSockjsClient } from './lib/sockjs-stomp.js';
import { GUEST, subscribe, withReceipt } from './lib/stompjs-client.js';

const server = await startSockjsServer();
after(() => server.stop());

const url = server.url('stomp');

describe('by transport', { concurrency: true }, () => {
  for (const transport of TRANSPORTS) {
    describe(`STOMP over ${transport}`, { concurrency: true }, () => {
      const connect = (t, config) => connectOverSockjs(t, url, transport, config);

      test('NEG-001: CONNECTED, with the version and the user', async (t) => {
        const client = await connect(t);
        assert.equal(client.socket.transport, transport);
        assert.equal(client.connectedVersion, '1.2');
        const name = new Inbox();
        client.subscribe('/app/whoami', name.put);
        assert.equal((await name.next()).body, 'guest');
      });

      test('SUB-001, RCP-001: a client gets its own message, and receipts', async (t) => {
        const client = await connect(t);
        const destination = `/topic/sockjs/${transport}`;
        const messages = await subscribe(client, destination);
        await withReceipt(client, (receipt) =>
          client.publish({ destination, body: 'grün 🦀', headers: { ...receipt, key: 'a:b\nc' } }),
        );
        const message = await messages.next();
        assert.equal(message.body, 'grün 🦀');
        assert.equal(message.headers.key, 'a:b\nc');
        assert.equal(message.headers.subscription, messages.subscription.id);
        await withReceipt(client, (headers) => messages.subscription.unsubscribe(headers));
      });

      test('RV-13: a handler answers at the user queue', async (t) => {
        const client = await connect(t);
        const replies = await subscribe(client, '/user/queue/echo');
        for (let number = 0; number < 200; number++) client.publish({ destination: '/app/echo', body: `${number}` });
        for (let number = 0; number < 200; number++) assert.equal((await replies.next()).body, `${number}`);
      });

      test('SJ-ES-03, SJ-ESC-02: bodies come back as they were', async (t) => {
        const client = await connect(t);
        const replies = await subscribe(client, '/user/queue/echo');
        for (const text of Object.values(HARD_TEXTS).flat()) {
          // A handler takes no empty body, and stompjs no U+FEFF at the begin of one.
          const body = `.${text}`;
          client.publish({ destination: '/app/echo', body });
          assert.equal((await replies.next()).body, body);
        }
      });

      test('SJ-SPR-02: a large frame comes back, whether it was sent whole or in parts', async (t) => {
        const body = '日本 und grün %"\n'.repeat(10_000);
        for (const splitLargeFrames of [false, true]) {
          const client = await connect(t, { splitLargeFrames });
          const replies = await subscribe(client, '/user/queue/echo');
          client.publish({ destination: '/app/echo', body });
          assert.ok((await replies.next()).body === body, 'the body is the same');
          await client.deactivate();
        }
      });

      test('RCP-009: deactivate() waits for the RECEIPT of DISCONNECT', async (t) => {
        const receipts = [];
        const client = await connect(t, { onDisconnect: (frame) => receipts.push(frame.command) });
        await within(client.deactivate(), 'end of deactivate()');
        assert.deepEqual(receipts, ['RECEIPT']);
        client.activate();
        await client.events.connected.next('CONNECTED');
      });

      test('ERR-001, NEG-019, SJ-SES-12: a wrong passcode is an ERROR, then the close', async (t) => {
        const connectHeaders = { ...GUEST, passcode: 'bad-passcode' };
        const client = newSockjsClient(t, url, transport, { connectHeaders });
        client.activate();
        const error = await client.events.errors.next('ERROR');
        assert.equal(error.headers.code, 'authentication-failed');
        const { code, wasClean } = await client.events.closed.next('close');
        assert.deepEqual({ code, wasClean }, { code: 1002, wasClean: true });
        assert.deepEqual(client.events.connected.takeAll(), []);
      });

      test('ERR-001: after an ERROR the client connects again and can go on', async (t) => {
        const client = await connect(t, { reconnectDelay: 1 });
        client.publish({ destination: '/nowhere/a' });
        assert.equal((await client.events.errors.next('ERROR')).headers.code, 'unknown-destination');
        await client.events.connected.next('CONNECTED');
        const replies = await subscribe(client, '/user/queue/echo');
        client.publish({ destination: '/app/echo', body: 'again' });
        assert.equal((await replies.next()).body, 'again');
      });
    });
  }
});

// Behind the others, because a busy machine makes heart-beats late.
describe('heart-beats', { concurrency: true }, () => {
  for (const transport of TRANSPORTS) {
    test(`HB-008, HB-013, SJ-HB-07: with heart-beats both ways an idle connection over ${transport} lives`, async (t) => {
      const lost = [];
      const client = await connectOverSockjs(t, url, transport, {
        heartbeatIncoming: 1000,
        heartbeatOutgoing: 1000,
        onHeartbeatLost: () => lost.push('heart-beat'),
      });
      assert.equal(client.connectedFrame.headers['heart-beat'], '1000,1000');
      // Three intervals: more than the server would wait for a client that is silent.
      await client.events.heartBeats.take(4, 'heart-beat');
      await withReceipt(client, (headers) => client.publish({ destination: '/topic/a', headers }));
      assert.deepEqual(lost, []);
    });
  }
});

test('SJ-RAW-04: a client without SockJS uses the WebSocket beside it, with its subprotocol', async (t) => {
  const client = await connectRaw(t, server);
  assert.equal(client.socket.protocol, 'v12.stomp');
  const replies = await subscribe(client, '/user/queue/echo');
  client.publish({ destination: '/app/echo', binaryBody: Uint8Array.from([0, 255, 37]) });
  assert.deepEqual([...(await replies.next()).binaryBody], [0, 255, 37]);
});

test('SUB-001: clients of all transports are subscribers of one topic', async (t) => {
  const clients = await Promise.all([
    connectRaw(t, server),
    ...TRANSPORTS.map((transport) => connectOverSockjs(t, url, transport)),
  ]);
  const inboxes = [];
  for (const client of clients) inboxes.push(await subscribe(client, '/topic/sockjs/all'));
  for (const [index, client] of clients.entries()) {
    client.publish({ destination: '/topic/sockjs/all', body: `from ${index}` });
    for (const inbox of inboxes) assert.equal((await inbox.next()).body, `from ${index}`);
  }
});

test('SJ-SES-08: a client that disappears takes its session with it, at once', async (t) => {
  const admin = { connectHeaders: { login: 'admin', passcode: 'password' } };
  const watcher = await connectRaw(t, server, admin);
  const sessions = async () => {
    const answer = new Inbox();
    const subscription = watcher.subscribe('/app/sessions', answer.put);
    const { body } = await answer.next();
    subscription.unsubscribe();
    return Number(body);
  };
  // Others may be there that some other suite has left behind.
  const before = await sessions();
  for (const transport of TRANSPORTS) {
    const client = await connectOverSockjs(t, url, transport, admin);
    assert.equal(await sessions(), before + 1);
    client.socket.close();
    const begin = performance.now();
    while ((await sessions()) > before);
    const elapsed = performance.now() - begin;
    // A session that nobody noticed to have ended would live for 5 s (SJ-SES-09).
    assert.ok(elapsed < 3_000, `${transport}: it took ${elapsed} ms`);
  }
});
