// How STOMP travels on WebSockets (WS-001 to WS-027), seen by a client that looks at each message.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, test } from 'node:test';

import WebSocket from 'ws';

import { frame } from './lib/frames.js';
import { within } from './lib/inbox.js';
import { RawClient, isHeartBeat, waitForSessions } from './lib/raw-client.js';
import { startTestbed } from './lib/testbed.js';

const testbed = await startTestbed();
after(() => testbed.stop());

const CONNECT = frame('CONNECT', { 'accept-version': '1.2', host: '/' });
const SUBSCRIBE = frame('SUBSCRIBE', { id: '1', destination: '/topic/a', receipt: 'subscribed' });

/** A destination that no other test uses. */
let destinations = 0;
const newDestination = () => `/topic/websocket.${++destinations}`;

async function subscriber(t, destination = newDestination(), headers = {}) {
  const client = await RawClient.connect(t, testbed.url(), '1.2', headers);
  client.destination = destination;
  await client.sendWithReceipt('SUBSCRIBE', { id: 's', destination });
  return client;
}

for (const [id, offered, chosen] of [
  ['WS-001', ['v12.stomp', 'v11.stomp', 'v10.stomp'], 'v12.stomp'],
  ['WS-001', ['v10.stomp', 'v11.stomp', 'v12.stomp'], 'v12.stomp'],
  ['WS-002', ['v10.stomp', 'v11.stomp'], 'v11.stomp'],
  ['WS-003', [], ''],
  ['WS-005', ['mqtt', 'v11.stomp'], 'v11.stomp'],
]) {
  test(`${id}: of the sub-protocols [${offered}], the server takes '${chosen}'`, async (t) => {
    const client = await RawClient.open(t, testbed.url(), { protocols: offered });
    assert.equal(client.socket.protocol, chosen);
  });
}

test('WS-004: with unknown sub-protocols only, none is named', async (t) => {
  // The `ws` client takes such an answer for a failure, so the handshake itself is looked at.
  const socket = new WebSocket(testbed.url(), ['mqtt', 'v13.stomp']);
  t.after(() => socket.terminate());
  socket.on('error', () => {});
  const [response] = await within(once(socket, 'upgrade'), 'handshake');
  assert.equal(response.statusCode, 101);
  assert.equal(response.headers['sec-websocket-protocol'], undefined);
});

test('WS-006: the sub-protocol does not restrict the version', async (t) => {
  const client = await RawClient.open(t, testbed.url(), { protocols: ['v10.stomp'] });
  client.send(CONNECT);
  assert.equal((await client.expect('CONNECTED')).headers.version, '1.2');
});

for (const path of ['/ws', '/stomp']) {
  test(`WS-007, WS-008: CONNECT as text and as binary at ${path}`, async (t) => {
    for (const connect of [CONNECT, Buffer.from(CONNECT)]) {
      const client = await RawClient.open(t, testbed.url(path));
      client.send(connect);
      assert.equal((await client.expect('CONNECTED')).isBinary, false);
    }
  });
}

test('WS-009: one frame in three messages, text and binary mixed', async (t) => {
  const client = await subscriber(t);
  const body = 'zwölf Boxkämpfer';
  const bytes = Buffer.from(frame('SEND', { destination: client.destination }, body));
  client.send(bytes.subarray(0, 9).toString());
  // Cut within `ö`: a text message could not end here.
  client.send(bytes.subarray(9, bytes.indexOf('ö') + 1));
  client.send(bytes.subarray(bytes.indexOf('ö') + 1));
  const message = await client.expect('MESSAGE');
  assert.equal(message.text, body);
  assert.equal(message.isBinary, false);
});

test('WS-010: three frames and line ends in one message', async (t) => {
  const client = await RawClient.connect(t, testbed.url());
  const destination = newDestination();
  const subscribe = frame('SUBSCRIBE', { id: 's', destination });
  const send = frame('SEND', { destination }, 'hello');
  client.send(`\n${subscribe}\n\r\n${send}\n\n${frame('DISCONNECT', { receipt: 'bye' })}\n`);
  assert.equal((await client.expect('MESSAGE')).text, 'hello');
  assert.equal((await client.expect('RECEIPT')).headers['receipt-id'], 'bye');
  await client.expectClosed(1000);
});

test('WS-011, WS-012: empty messages and heart-beats between frames change nothing', async (t) => {
  const client = await RawClient.open(t, testbed.url());
  for (const data of ['', '\n', '\r\n', Buffer.alloc(0), CONNECT, '', '\n', '\0', SUBSCRIBE]) client.send(data);
  await client.expect('CONNECTED');
  assert.equal((await client.expect('RECEIPT')).headers['receipt-id'], 'subscribed');
});

test('WS-013, ORD-001: each of 1000 frames, sent at once, comes back as one message', async (t) => {
  const client = await subscriber(t);
  const bodies = Array.from({ length: 1000 }, (_, number) => `${number} ${'x'.repeat(number)}`);
  for (const body of bodies) client.sendFrame('SEND', { destination: client.destination }, body);
  // `expect` reads each message as exactly one frame.
  for (const body of bodies) assert.equal((await client.expect('MESSAGE')).text, body);
});

test('WS-014, HB-005, HB-015: heart-beats are messages of one octet, text', async (t) => {
  const client = await RawClient.connect(t, testbed.url(), '1.2', { 'heart-beat': '0,1000' });
  assert.equal(client.connected.headers['heart-beat'], '1000,0');
  for (let beats = 0; beats < 2; beats++) {
    const message = await client.nextMessage();
    assert.ok(isHeartBeat(message), `expected a heart-beat, got ${message.data}`);
    assert.equal(message.isBinary, false);
  }
});

test('WS-015, WS-016: text that is UTF-8, binary that is not', async (t) => {
  const client = await subscriber(t);
  for (const [body, isBinary] of [
    [Buffer.from('grün 日本 🦀'), false],
    [Buffer.from([0x66, 0x6f, 0x6f, 0]), false],
    [Buffer.from([0xc3]), true],
    [Buffer.from(Array.from({ length: 256 }, (_, octet) => octet)), true],
  ]) {
    const head = `SEND\ndestination:${client.destination}\ncontent-length:${body.length}\n\n`;
    client.send(Buffer.concat([Buffer.from(head), body, Buffer.of(0)]));
    const message = await client.expect('MESSAGE');
    assert.deepEqual(message.body, body);
    assert.equal(message.isBinary, isBinary);
  }
});

test('WS-017: a text message that is not UTF-8 closes with 1007', async (t) => {
  const client = await RawClient.connect(t, testbed.url());
  client.send(Buffer.from([0x53, 0xff, 0xfe]), { binary: false });
  await client.expectError('invalid-utf8', 1007);
});

test('WS-018: a fragmented message is one message', async (t) => {
  const client = await RawClient.open(t, testbed.url());
  client.send(CONNECT.slice(0, 5), { fin: false });
  client.send(CONNECT.slice(5, 12), { fin: false });
  client.send(CONNECT.slice(12), { fin: true });
  await client.expect('CONNECTED');
});

test('WS-019: a ping is answered with its payload, before and after CONNECT', async (t) => {
  const client = await RawClient.open(t, testbed.url());
  const pong = () => within(once(client.socket, 'pong'), 'pong');
  client.socket.ping('early');
  assert.equal((await pong()).toString(), 'early');
  client.send(CONNECT);
  await client.expect('CONNECTED');
  client.socket.ping('late');
  assert.equal((await pong()).toString(), 'late');
});

for (const [id, end] of [
  ['WS-020: a close frame', (client) => client.socket.close(1000)],
  ['WS-021: a TCP connection that is gone', (client) => client.socket.terminate()],
]) {
  test(`${id} ends the session`, async (t) => {
    const admin = { login: 'admin', passcode: 'password' };
    const observer = await RawClient.connect(t, testbed.url(), '1.2', admin);
    const client = await subscriber(t, newDestination(), admin);
    await waitForSessions(observer, 2);
    end(client);
    await waitForSessions(observer, 1);
    // What it subscribed to still works.
    await observer.sendWithReceipt('SEND', { destination: client.destination }, 'anyone?');
  });
}

test('WS-020: the close frame of the client is answered', async (t) => {
  const client = await RawClient.connect(t, testbed.url());
  client.socket.close(1000, 'bye');
  await client.expectClosed(1000);
});

test('WS-023: pages of other origins may connect', async (t) => {
  const client = await RawClient.open(t, testbed.url(), { origin: 'http://127.0.0.1:9876' });
  client.send(CONNECT);
  await client.expect('CONNECTED');
});

test('WS-024, RCP-009, RCP-010: after DISCONNECT comes its RECEIPT, then close 1000', async (t) => {
  const client = await RawClient.connect(t, testbed.url());
  client.sendFrame('DISCONNECT', { receipt: 'bye' });
  assert.equal((await client.expect('RECEIPT')).headers['receipt-id'], 'bye');
  await client.expectClosed(1000);
});

test('WS-024, RCP-011: DISCONNECT without receipt is a close 1000, without ERROR', async (t) => {
  const client = await RawClient.connect(t, testbed.url());
  client.sendFrame('DISCONNECT', {});
  await client.expectClosed(1000);
});

test('RCP-012, RCP-014: what is before DISCONNECT is handled, what is behind it is not', async (t) => {
  const observer = await subscriber(t);
  const { destination } = observer;
  const client = await RawClient.connect(t, testbed.url());
  for (let number = 0; number < 100; number++) client.sendFrame('SEND', { destination }, String(number));
  client.sendFrame('DISCONNECT', { receipt: 'bye' });
  client.sendFrame('SEND', { destination }, 'too late');
  await client.expect('RECEIPT');
  await client.expectClosed(1000);
  for (let number = 0; number < 100; number++) assert.equal((await observer.expect('MESSAGE')).text, String(number));
  assert.deepEqual(await observer.sendWithReceipt('SEND', { destination: newDestination() }), []);
});

test('WS-024: a server that stops closes with 1001 and ends', async (t) => {
  const stopping = await startTestbed();
  const idle = await RawClient.open(t, stopping.url());
  const connected = await RawClient.connect(t, stopping.url());
  assert.equal(await stopping.stop(), 0);
  await idle.expectClosed(1001);
  await connected.expectClosed(1001);
});

test('WS-025: permessage-deflate may be offered', async (t) => {
  for (const perMessageDeflate of [true, false]) {
    const client = await RawClient.open(t, testbed.url(), { perMessageDeflate });
    client.send(CONNECT);
    await client.expect('CONNECTED');
  }
});

test('WS-026: 100 clients connect and disconnect at once', async (t) => {
  await Promise.all(
    Array.from({ length: 100 }, async () => {
      const client = await RawClient.connect(t, testbed.url());
      client.sendFrame('DISCONNECT', {});
      await client.expectClosed(1000);
    }),
  );
});

test('WS-027, NEG-012: STOMP instead of CONNECT, host `/`, no sub-protocol', async (t) => {
  const client = await RawClient.open(t, testbed.url());
  client.sendFrame('STOMP', { 'accept-version': '1.2', host: '/' });
  assert.equal((await client.expect('CONNECTED')).headers.version, '1.2');
});

test('SUB-036, ENC-002, ENC-003: each subscriber gets a message in its own version', async (t) => {
  const destination = newDestination();
  const clients = {};
  for (const version of ['1.0', '1.1', '1.2']) {
    clients[version] = await RawClient.connect(t, testbed.url(), version);
    await clients[version].sendWithReceipt('SUBSCRIBE', { id: 's', destination });
  }
  const headers = { destination, key: 'a\\cb\\\\c\\rd' };
  clients['1.2'].sendFrame('SEND', headers, 'hello');
  for (const [version, raw] of [
    ['1.0', 'key:a:b\\c d\n'],
    ['1.1', 'key:a\\cb\\\\c\rd\n'],
    ['1.2', 'key:a\\cb\\\\c\\rd\n'],
  ]) {
    const { data } = await clients[version].nextMessage();
    assert.ok(data.includes(raw), `${version}: ${data}`);
  }
});

test('SUB-011, ORD-009: no message after the RECEIPT of UNSUBSCRIBE', async (t) => {
  const client = await subscriber(t);
  const { destination } = client;
  await client.sendWithReceipt('UNSUBSCRIBE', { id: 's' });
  assert.deepEqual(await client.sendWithReceipt('SEND', { destination }, 'nobody'), []);
});
