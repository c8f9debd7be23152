// webstomp-client 1.2.6, which derives the version from the sub-protocol that the server chose.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import WebSocket from 'ws';
import webstomp from 'webstomp-client';

import { Inbox } from './lib/inbox.js';
import { startTestbed } from './lib/testbed.js';

const testbed = await startTestbed();
after(() => testbed.stop());

const PROTOCOLS = ['v10.stomp', 'v11.stomp', 'v12.stomp'];

async function connect(t, options = {}, protocols = PROTOCOLS) {
  const client = webstomp.over(new WebSocket(testbed.url(), protocols), { debug: false, ...options });
  const events = { connected: new Inbox(), errors: new Inbox() };
  t.after(() => client.connected && client.disconnect());
  client.connect('guest', 'guest', events.connected.put, events.errors.put);
  return Object.assign(client, { events, connectedFrame: await events.connected.next('CONNECTED') });
}

for (const [id, protocols, version] of [
  ['WS-001', PROTOCOLS, '1.2'],
  ['WS-002', PROTOCOLS.slice(0, 2), '1.1'],
  ['WS-003', [], '1.2'],
]) {
  test(`${id}: offering [${protocols}], it gets STOMP ${version}`, async (t) => {
    const client = await connect(t, {}, protocols);
    assert.equal(client.connectedFrame.headers.version, version);
    assert.equal(client.connectedFrame.headers['heart-beat'], '10000,10000');
  });
}

for (const binary of [false, true]) {
  test(`WS-007, WS-008, WS-009: it gets what it sends, binary: ${binary}`, async (t) => {
    const client = await connect(t, { binary });
    const messages = new Inbox();
    const destination = `/topic/webstomp/${binary}`;
    client.subscribe(destination, messages.put);
    for (const body of ['hello', 'grün 日本 🦀', 'grün'.repeat(25_000)]) {
      client.send(destination, body);
      assert.ok((await messages.next()).body === body, 'the body is the same');
    }
  });
}

test('RV-14: handlers and user destinations', async (t) => {
  const client = await connect(t);
  const replies = new Inbox();
  client.subscribe('/user/queue/echo', replies.put);
  client.send('/app/echo', 'hello');
  assert.equal((await replies.next()).body, 'hello');
});

test('HB-005: heart-beats of the server come', async (t) => {
  const client = await connect(t, { heartbeat: { outgoing: 0, incoming: 1000 } });
  const pongs = new Inbox();
  client.debug = (text) => text === '<<< PONG' && pongs.put(text);
  await pongs.take(2, 'heart-beat');
});

test('ERR-001: ERROR, then the close', async (t) => {
  const client = await connect(t);
  client.send('/nowhere', 'hello');
  assert.equal((await client.events.errors.next('ERROR')).headers.code, 'unknown-destination');
  assert.equal((await client.events.errors.next('close')).code, 1002);
});
