// STOMP over TCP: both clients of that name, which can be given a connection that is no WebSocket.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { Versions } from '@stomp/stompjs';
import Stomp from 'stompjs';

import { Inbox } from './lib/inbox.js';
import * as old from './lib/old-stompjs-client.js';
import { connect, flush, newClient, subscribe, withReceipt } from './lib/stompjs-client.js';
import { TcpSocket } from './lib/tcp-socket.js';
import { startTestbed } from './lib/testbed.js';

const testbed = await startTestbed('--tcp-port=0');
after(() => testbed.stop());

/** The options of a client that connects over TCP. */
function overTcp(config = {}) {
  const sockets = [];
  const webSocketFactory = () => {
    sockets.push(new TcpSocket(testbed.tcpPort));
    return sockets.at(-1);
  };
  return { ...config, webSocketFactory, sockets };
}

for (const version of ['1.0', '1.1', '1.2']) {
  test(`TCP-001: @stomp/stompjs on ${version} gets what it sends`, async (t) => {
    const client = await connect(t, testbed, overTcp({ stompVersions: new Versions([version]) }));
    assert.equal(client.connectedVersion, version);
    assert.equal(client.connectedFrame.headers['user-name'], 'guest');
    const messages = await subscribe(client, `/topic/tcp-${version}`);
    client.publish({ destination: `/topic/tcp-${version}`, body: 'grün 日本 🦀', headers: { key: 'value' } });
    const message = await messages.next();
    assert.equal(message.body, 'grün 日本 🦀');
    assert.equal(message.headers.key, 'value');
  });
}

test('TCP-001: binary bodies of all octets and a mebibyte', async (t) => {
  const client = await connect(t, testbed, overTcp());
  const messages = await subscribe(client, '/topic/tcp-binary');
  for (const length of [1, 1000, 20_000, 1024 * 1024]) {
    const binaryBody = Uint8Array.from({ length }, (_, index) => index % 256);
    client.publish({ destination: '/topic/tcp-binary', binaryBody });
    const message = await messages.next();
    assert.ok(Buffer.from(binaryBody).equals(Buffer.from(message.binaryBody)), `${length} octets are the same`);
  }
});

test('TCP-002: 2000 messages that come at once are in order', async (t) => {
  const client = await connect(t, testbed, overTcp());
  const messages = await subscribe(client, '/topic/tcp-many');
  for (let number = 0; number < 2000; number++) {
    client.publish({ destination: '/topic/tcp-many', body: String(number) });
  }
  for (let number = 0; number < 2000; number++) assert.equal((await messages.next()).body, String(number));
});

test('TCP-003: nothing follows the NUL of the last frame', async (t) => {
  const config = overTcp();
  const client = await connect(t, testbed, config);
  const messages = await subscribe(client, '/topic/tcp-nul');
  client.publish({ destination: '/topic/tcp-nul', body: 'hello' });
  await messages.next();
  await flush(client);
  const received = Buffer.concat(config.sockets[0].packets);
  assert.equal(received.at(-1), 0);
  assert.doesNotMatch(received.toString(), /\0\n/);
});

test('TCP-006: clients over TCP and over WebSockets see the same messages', async (t) => {
  const clients = [await connect(t, testbed, overTcp()), await connect(t, testbed)];
  for (const [sender, destination] of clients.map((client, index) => [client, `/topic/tcp-both-${index}`])) {
    const inboxes = await Promise.all(clients.map((client) => subscribe(client, destination)));
    sender.publish({ destination, body: 'hello' });
    const messages = await Promise.all(inboxes.map((inbox) => inbox.next()));
    assert.deepEqual(messages.map(({ body }) => body), ['hello', 'hello']);
    assert.equal(messages[0].headers['message-id'], messages[1].headers['message-id']);
  }
});

test('RV-14: handlers and user destinations, for one session only', async (t) => {
  const client = await connect(t, testbed, overTcp());
  const other = await connect(t, testbed, overTcp());
  const [replies, others] = await Promise.all([client, other].map((it) => subscribe(it, '/user/queue/echo')));
  client.publish({ destination: '/app/echo', body: 'hello' });
  assert.equal((await replies.next()).body, 'hello');
  await flush(other);
  assert.deepEqual(others.takeAll(), []);
});

test('HB-015, HB-024: heart-beats keep the connection alive', async (t) => {
  const config = overTcp({ heartbeatIncoming: 1000, heartbeatOutgoing: 1000 });
  const client = await connect(t, testbed, config);
  await client.events.heartBeats.take(3, 'heart-beat');
  assert.ok(config.sockets[0].packets.slice(1).every((packet) => packet.toString() === '\n'));
  await flush(client);
  assert.deepEqual(client.events.closed.takeAll(), []);
});

test('ERR-001, ERR-012: ERROR, then the end, and no reset', async (t) => {
  const config = overTcp();
  const client = await connect(t, testbed, config);
  client.publish({ destination: '/nowhere', body: 'x'.repeat(100_000) });
  assert.equal((await client.events.errors.next('ERROR')).headers.code, 'unknown-destination');
  await client.events.closed.next('end');
  assert.equal(config.sockets[0].error, undefined);
});

test('NEG-019: a wrong passcode is an ERROR', async (t) => {
  const client = newClient(t, testbed, overTcp({ connectHeaders: { login: 'guest', passcode: 'wrong' } }));
  client.activate();
  assert.equal((await client.events.errors.next('ERROR')).headers.message, 'Bad credentials');
  await client.events.closed.next('end');
});

test('RCP-009: deactivate() sends DISCONNECT, gets its RECEIPT, and then the end', async (t) => {
  const config = overTcp();
  const client = await connect(t, testbed, config);
  await client.deactivate();
  await client.events.closed.next('end');
  assert.equal(config.sockets[0].error, undefined);
  assert.match(Buffer.concat(config.sockets[0].packets).toString(), /RECEIPT\nreceipt-id:close-\d+\n\n\0$/);
});

test('TCP-005: a client that is terminated is gone', async (t) => {
  const lost = await connect(t, testbed, overTcp({ connectHeaders: { login: 'admin', passcode: 'password' } }));
  const witness = await connect(t, testbed, { connectHeaders: { login: 'admin', passcode: 'password' } });
  await lost.deactivate({ force: true });
  for (;;) {
    const sessions = new Inbox();
    const subscription = witness.subscribe('/app/sessions', sessions.put);
    const { body } = await sessions.next();
    await withReceipt(witness, (headers) => subscription.unsubscribe(headers));
    if (body === '1') break;
  }
});

test('the server tells its clients that it stops', async (t) => {
  const stopped = await startTestbed('--tcp-port', '0');
  const client = await connect(t, testbed, { webSocketFactory: () => new TcpSocket(stopped.tcpPort) });
  const stopping = stopped.stop();
  assert.equal((await client.events.errors.next('ERROR')).headers.code, 'shutdown');
  await client.events.closed.next('end');
  assert.equal(await stopping, 0);
});

// stompjs 2.3.3 takes each packet for whole frames: a large one, which comes in several, is garbled, by whatever server.
const overTCP = () => Stomp.overTCP('127.0.0.1', testbed.tcpPort);

test('TCP-001, NEG-022: overTCP connects on 1.1, with a heart-beat header', async (t) => {
  const client = await old.connected(t, overTCP());
  const { headers } = client.connectedFrame;
  assert.equal(headers.version, '1.1');
  assert.equal(headers['heart-beat'], '10000,10000');
  assert.equal(headers['user-name'], 'guest');
});

test('TCP-003: overTCP gets what it sends, text of any alphabet', async (t) => {
  const client = await old.connected(t, overTCP());
  const messages = await old.subscribe(client, '/topic/old-tcp');
  for (let number = 0; number < 20; number++) {
    client.send('/topic/old-tcp', { key: 'value' }, `grün 日本 🦀 ${number}`);
    const message = await messages.next();
    assert.equal(message.body, `grün 日本 🦀 ${number}`);
    assert.equal(message.headers.key, 'value');
  }
});

test('TCP-003: overTCP reads a burst that is one packet', async (t) => {
  const client = await old.connected(t, overTCP());
  const messages = await old.subscribe(client, '/topic/old-tcp-burst');
  for (let number = 0; number < 20; number++) client.send('/topic/old-tcp-burst', {}, String(number));
  for (let number = 0; number < 20; number++) assert.equal((await messages.next()).body, String(number));
});

test('HB-005, HB-015: overTCP is kept alive by heart-beats', async (t) => {
  const client = overTCP();
  client.heartbeat = { outgoing: 1000, incoming: 1000 };
  const pongs = new Inbox();
  client.debug = (text) => text === '<<< PONG' && pongs.put(text);
  await old.connected(t, client);
  await pongs.take(3, 'heart-beat');
  await old.subscribe(client, '/topic/alive');
  assert.deepEqual(client.events.errors.takeAll(), []);
});

test('ERR-001: overTCP gets ERROR, then the end', async (t) => {
  const client = await old.connected(t, overTCP());
  client.send('/nowhere', {}, 'hello');
  assert.equal((await client.events.errors.next('ERROR')).headers.code, 'unknown-destination');
  assert.match(await client.events.errors.next('close'), /^Whoops! Lost connection/);
});
