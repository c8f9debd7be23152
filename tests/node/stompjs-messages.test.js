// `@stomp/stompjs` 7: messages through the broker, with their headers, bodies and order.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { Versions } from '@stomp/stompjs';

import { Inbox } from './lib/inbox.js';
import { connect, flush, subscribe, withReceipt } from './lib/stompjs-client.js';
import { startTestbed } from './lib/testbed.js';

const testbed = await startTestbed();
after(() => testbed.stop());

for (const destination of [
  '/topic/chat.general',
  '/queue/test01',
  '/exchange/amq.topic/key',
  '/amq/queue/name',
  '/temp-queue/name',
]) {
  test(`SUB-001, SUB-025: a client gets its own message at ${destination}`, async (t) => {
    const client = await connect(t, testbed);
    const messages = new Inbox();
    const subscription = client.subscribe(destination, messages.put);
    // SUBSCRIBE is effective before the next frame (ORD-004).
    client.publish({ destination, body: 'hello' });
    const message = await messages.next();
    assert.equal(message.body, 'hello');
    assert.equal(message.headers.destination, destination);
    assert.equal(message.headers.subscription, subscription.id);
    assert.ok(message.headers['message-id']);
  });
}

test('SUB-009, SUB-037: two subscriptions, two messages, each with its id', async (t) => {
  const client = await connect(t, testbed);
  const one = await subscribe(client, '/topic/twice');
  const other = await subscribe(client, '/topic/twice');
  client.publish({ destination: '/topic/twice' });
  assert.equal((await one.next()).headers.subscription, one.subscription.id);
  assert.equal((await other.next()).headers.subscription, other.subscription.id);
});

test('SUB-020: a subscription by pattern gets the destination that was sent to', async (t) => {
  const client = await connect(t, testbed);
  const messages = await subscribe(client, '/topic/pattern/*');
  client.publish({ destination: '/topic/pattern/a' });
  assert.equal((await messages.next()).headers.destination, '/topic/pattern/a');
});

test('SUB-021, SUB-024, COD-019, COD-021, COD-035: headers come back as they were on 1.2', async (t) => {
  const client = await connect(t, testbed);
  const messages = await subscribe(client, '/topic/headers');
  const headers = {
    'content-type': 'application/x-anything; charset=utf-8',
    colon: 'a:b:c',
    'line-feed': 'a\nb\n\nc',
    'carriage-return': 'a\rb\r\nc',
    // stompjs would read `\\n` as a line feed: see "Unescaping" in its own source.
    backslash: 'C:\\Temp\\\\x\\',
    text: 'grün 日本 🦀',
    empty: '',
    OddCase: 'Kept',
    priority: '9',
  };
  client.publish({ destination: '/topic/headers', headers, body: 'x' });
  const message = await messages.next();
  for (const [name, value] of Object.entries(headers)) assert.equal(message.headers[name], value, name);
});

for (const [version, value] of [
  [Versions.V1_0, 'a:b'],
  [Versions.V1_1, 'plain'],
]) {
  test(`SUB-021: headers come back as they were on ${version}`, async (t) => {
    const client = await connect(t, testbed, { stompVersions: new Versions([version]) });
    const messages = await subscribe(client, '/topic/headers');
    client.publish({ destination: '/topic/headers', headers: { key: value } });
    assert.equal((await messages.next()).headers.key, value);
  });
}

test('SUB-022, SUB-023, ENC-012: headers of the sending frame, and those of the server, are not relayed', async (t) => {
  const client = await connect(t, testbed);
  const messages = await subscribe(client, '/topic/reserved');
  await withReceipt(client, (receipt) =>
    client.publish({
      destination: '/topic/reserved',
      headers: { ...receipt, subscription: 'forged', 'message-id': 'forged', ack: 'forged', redelivered: 'true' },
    }),
  );
  const { headers } = await messages.next();
  assert.equal(headers.subscription, messages.subscription.id);
  assert.notEqual(headers['message-id'], 'forged');
  for (const name of ['receipt', 'ack', 'redelivered']) assert.equal(headers[name], undefined, name);
});

const octets = (length) => Uint8Array.from({ length }, (_, index) => index % 256);

for (const [what, binaryBody] of [
  ['all 256 octets', octets(256)],
  ['20 kB', octets(20_000)],
  ['1 MiB (LIM-015)', octets(1024 * 1024)],
]) {
  test(`COD-054, SUB-034, WS-016: a binary body of ${what} comes back in a binary message`, async (t) => {
    const client = await connect(t, testbed);
    const messages = await subscribe(client, '/topic/binary');
    client.webSocketMessages.takeAll();
    client.publish({ destination: '/topic/binary', binaryBody });
    const message = await messages.next();
    assert.ok(Buffer.from(message.binaryBody).equals(binaryBody), 'the body is octet-exact');
    assert.equal(message.headers['content-length'], String(binaryBody.length));
    const received = client.webSocketMessages.takeAll();
    assert.deepEqual(
      received.map(({ isBinary }) => isBinary),
      [true],
    );
  });
}

test('WS-015, WS-016: a client that sends binary messages only still gets text as text', async (t) => {
  const client = await connect(t, testbed, { forceBinaryWSFrames: true });
  const messages = await subscribe(client, '/topic/force-binary');
  client.webSocketMessages.takeAll();
  client.publish({ destination: '/topic/force-binary', body: 'grün' });
  assert.equal((await messages.next()).body, 'grün');
  assert.deepEqual(
    client.webSocketMessages.takeAll().map(({ isBinary }) => isBinary),
    [false],
  );
});

for (const [what, body] of [
  ['1 MiB', 'x'.repeat(1024 * 1024)],
  ['1 MiB of several octets each', '日🦀ä'.repeat(116_508)],
  ['nothing (SUB-035)', ''],
  ['line ends and NUL', '\n\r\n\0SEND\n\n\0'],
]) {
  test(`WS-015, LIM-015: a text body of ${what} comes back in one text message`, async (t) => {
    const client = await connect(t, testbed);
    const messages = await subscribe(client, '/topic/text');
    client.webSocketMessages.takeAll();
    client.publish({ destination: '/topic/text', body });
    const message = await messages.next();
    assert.ok(message.body === body, 'the body is the same');
    assert.deepEqual(
      client.webSocketMessages.takeAll().map(({ isBinary }) => isBinary),
      [false],
    );
  });
}

test('WS-009: a large frame in many WebSocket messages, cut anywhere', async (t) => {
  const client = await connect(t, testbed, { splitLargeFrames: true, maxWebSocketChunkSize: 1000 });
  const messages = await subscribe(client, '/topic/split');
  const body = '日本 und grün '.repeat(20_000);
  client.publish({ destination: '/topic/split', body });
  assert.ok((await messages.next()).body === body, 'the body is the same');
});

test('WS-013: a client that adds a missing NUL to each message reads the server well', async (t) => {
  const client = await connect(t, testbed, { appendMissingNULLonIncoming: true });
  const messages = await subscribe(client, '/topic/null');
  client.publish({ destination: '/topic/null', body: 'x'.repeat(100_000) });
  assert.equal((await messages.next()).body.length, 100_000);
});

test('RCP-001, RCP-003: receipts of SUBSCRIBE, SEND and UNSUBSCRIBE', async (t) => {
  const client = await connect(t, testbed);
  const publisher = await connect(t, testbed);
  const messages = await subscribe(client, '/topic/receipts');
  await withReceipt(publisher, (headers) => publisher.publish({ destination: '/topic/receipts', headers }));
  await messages.next();
  await withReceipt(client, (headers) => messages.subscription.unsubscribe(headers));
});

test('RCP-005: receipts come in the order in which they were asked for', async (t) => {
  const client = await connect(t, testbed);
  const receipts = new Inbox();
  client.onUnhandledReceipt = (frame) => receipts.put(frame.headers['receipt-id']);
  const expected = Array.from({ length: 100 }, (_, number) => `${number}: grün\n`);
  for (const receipt of expected) client.publish({ destination: '/topic/a', headers: { receipt } });
  assert.deepEqual(await receipts.take(100, 'RECEIPT'), expected);
});

test('SUB-011, ORD-009: unsubscribe() stops the messages', async (t) => {
  const client = await connect(t, testbed);
  const stopped = await subscribe(client, '/topic/unsubscribe');
  const witness = await subscribe(client, '/topic/unsubscribe');
  stopped.subscription.unsubscribe();
  client.publish({ destination: '/topic/unsubscribe' });
  await witness.next();
  await flush(client);
  assert.deepEqual(stopped.takeAll(), []);
});

test('SUB-027: nothing is kept for those who subscribe later', async (t) => {
  const client = await connect(t, testbed);
  await withReceipt(client, (headers) => client.publish({ destination: '/topic/late', headers, body: 'early' }));
  const messages = await subscribe(client, '/topic/late');
  client.publish({ destination: '/topic/late', body: 'late' });
  assert.equal((await messages.next()).body, 'late');
});

test('ORD-001: 10000 messages in order', async (t) => {
  const publisher = await connect(t, testbed);
  const subscriber = await connect(t, testbed);
  const messages = await subscribe(subscriber, '/topic/order');
  for (let number = 0; number < 10_000; number++) {
    publisher.publish({ destination: '/topic/order', body: String(number) });
  }
  for (let number = 0; number < 10_000; number++) assert.equal((await messages.next()).body, String(number));
});

test('ORD-003: two senders, each in its order', async (t) => {
  const [one, other, subscriber] = await Promise.all([1, 2, 3].map(() => connect(t, testbed)));
  const messages = await subscribe(subscriber, '/topic/two-senders');
  for (let number = 0; number < 1000; number++) {
    one.publish({ destination: '/topic/two-senders', body: `one ${number}` });
    other.publish({ destination: '/topic/two-senders', body: `other ${number}` });
  }
  const bodies = (await messages.take(2000)).map(({ body }) => body);
  for (const sender of ['one', 'other']) {
    const expected = Array.from({ length: 1000 }, (_, number) => `${sender} ${number}`);
    assert.deepEqual(
      bodies.filter((body) => body.startsWith(`${sender} `)),
      expected,
    );
  }
});
