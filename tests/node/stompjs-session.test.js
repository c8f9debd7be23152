// `@stomp/stompjs` 7: sessions from their begin to their end.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { Versions } from '@stomp/stompjs';
import WebSocket from 'ws';

import { within } from './lib/inbox.js';
import { GUEST, connect, newClient, subscribe, withReceipt } from './lib/stompjs-client.js';
import { startTestbed } from './lib/testbed.js';

// What a browser has; `brokerURL` needs it.
globalThis.WebSocket = WebSocket;

const testbed = await startTestbed();
after(() => testbed.stop());

for (const [id, version] of [
  ['NEG-003', Versions.V1_0],
  ['NEG-002', Versions.V1_1],
  ['NEG-001', Versions.V1_2],
]) {
  test(`${id}: a session of version ${version}`, async (t) => {
    const client = await connect(t, testbed, { stompVersions: new Versions([version]) });
    assert.equal(client.connectedVersion, version);
    assert.equal(client.socket.protocol, `v${version.replace('.', '')}.stomp`);
    const messages = await subscribe(client, '/topic/versions');
    client.publish({ destination: '/topic/versions', body: 'hello' });
    assert.equal((await messages.next()).body, 'hello');
  });
}

test('NEG-006, NEG-017, WS-001: as it is set by default, with brokerURL and without host', async (t) => {
  const client = await connect(t, testbed, { brokerURL: testbed.url(), webSocketFactory: undefined });
  assert.equal(client.connectedVersion, '1.2');
  assert.equal(client.webSocket.protocol, 'v12.stomp');
});

test('NEG-019, WS-024: a wrong passcode is an ERROR, then close 1002', async (t) => {
  const client = newClient(t, testbed, { connectHeaders: { ...GUEST, passcode: 'bad-passcode' } });
  client.activate();
  const error = await client.events.errors.next('ERROR');
  assert.equal(error.headers.code, 'authentication-failed');
  assert.equal((await client.events.closed.next('close')).code, 1002);
  assert.deepEqual(client.events.connected.takeAll(), []);
});

test('RCP-009, WS-024: deactivate() waits for the RECEIPT of DISCONNECT; the close code is 1000', async (t) => {
  const receipts = [];
  const client = await connect(t, testbed, { onDisconnect: (frame) => receipts.push(frame.command) });
  await within(client.deactivate(), 'end of deactivate()');
  assert.deepEqual(receipts, ['RECEIPT']);
  assert.equal((await client.events.closed.next('close')).code, 1000);
});

test('WS-021: deactivate({force: true}) cuts the connection, and the next one works', async (t) => {
  const client = await connect(t, testbed);
  await within(client.deactivate({ force: true }), 'end of deactivate()');
  client.activate();
  await client.events.connected.next('CONNECTED');
});

test('ERR-001: after an ERROR the server closes, so the client connects again and can go on', async (t) => {
  const client = await connect(t, testbed, { reconnectDelay: 1 });
  client.publish({ destination: '/nowhere/a' });
  const error = await client.events.errors.next('ERROR');
  assert.equal(error.headers.code, 'unknown-destination');
  assert.equal((await client.events.closed.next('close')).code, 1002);
  await client.events.connected.next('CONNECTED');
  const messages = await subscribe(client, '/topic/reconnected');
  client.publish({ destination: '/topic/reconnected', body: 'again' });
  assert.equal((await messages.next()).body, 'again');
});

test('SUB-033: what was subscribed before a reconnect is gone', async (t) => {
  const client = await connect(t, testbed, { reconnectDelay: 1 });
  const before = await subscribe(client, '/topic/reconnect');
  client.forceDisconnect();
  await client.events.connected.next('CONNECTED');
  const after = await subscribe(client, '/topic/reconnect');
  client.publish({ destination: '/topic/reconnect', body: 'once' });
  assert.equal((await after.next()).body, 'once');
  assert.deepEqual(before.takeAll(), []);
});

for (const [what, code, action] of [
  ['SUBSCRIBE with an unknown ack mode', 'invalid-ack-mode', (c) => c.subscribe('/queue/a', () => {}, { ack: 'x' })],
  ['SUBSCRIBE with no selector', 'invalid-selector', (c) => c.subscribe('/queue/a', () => {}, { selector: 'a ==' })],
  ['COMMIT of nothing', 'unknown-transaction', (c) => c.commit('tx')],
  ['ABORT of nothing', 'unknown-transaction', (c) => c.abort('tx')],
  ['ACK of nothing', 'unknown-message', (c) => c.ack('1', 'sub-0')],
  ['NACK of nothing', 'unknown-message', (c) => c.nack('1', 'sub-0')],
  [
    'SEND in no transaction',
    'unknown-transaction',
    (c) => c.publish({ destination: '/queue/a', headers: { transaction: 'tx' } }),
  ],
  ['SEND to nobody', 'unknown-destination', (c) => c.publish({ destination: '/nowhere' })],
  ['SUBSCRIBE to nothing', 'unknown-destination', (c) => c.subscribe('/nowhere', () => {})],
]) {
  test(`ERR-001, ERR-002: ${what} is refused with ${code}, then close 1002`, async (t) => {
    const client = await connect(t, testbed);
    action(client);
    const error = await client.events.errors.next('ERROR');
    assert.equal(error.headers.code, code);
    assert.equal(error.headers.message, error.body);
    assert.equal((await client.events.closed.next('close')).code, 1002);
  });
}

test('HB-005, HB-023: heart-beats of the server come', async (t) => {
  const client = await connect(t, testbed, { heartbeatIncoming: 1000 });
  assert.equal(client.connectedFrame.headers['heart-beat'], '1000,0');
  await client.events.heartBeats.take(2, 'heart-beat');
});

test('HB-008, HB-013: with heart-beats both ways an idle connection lives', async (t) => {
  const lost = [];
  const client = await connect(t, testbed, {
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

test('HB-010, HB-024: a client that stops its heart-beats is closed', async (t) => {
  const client = newClient(t, testbed, { heartbeatOutgoing: 1000 });
  const factory = client.webSocketFactory;
  client.webSocketFactory = () => {
    const socket = factory();
    const send = socket.send.bind(socket);
    socket.send = (data) => data === '\n' || send(data);
    return socket;
  };
  client.activate();
  const connected = await client.events.connected.next('CONNECTED');
  assert.equal(connected.headers['heart-beat'], '0,1000');
  assert.equal((await client.events.errors.next('ERROR')).headers.code, 'heart-beat-lost');
  assert.equal((await client.events.closed.next('close')).code, 1002);
});
