// stompjs 2.3.3, which countless tutorials use: it escapes nothing, reassembles nothing, and reads CONNECTED strictly.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import Stomp from 'stompjs';
import WebSocket from 'ws';

import { Inbox, within } from './lib/inbox.js';
import { connect, connected, subscribe } from './lib/old-stompjs-client.js';
import { startTestbed } from './lib/testbed.js';

const testbed = await startTestbed();
after(() => testbed.stop());

// The ways to make a client; each has a WebSocket of its own kind.
const factories = {
  'Stomp.overWS(url)': () => Stomp.overWS(testbed.url()),
  'Stomp.over(new WebSocket(url))': () => Stomp.over(new WebSocket(testbed.url())),
  // What `Stomp.client(url)` does in a browser (WS-002).
  "Stomp.over(new WebSocket(url, ['v10.stomp', 'v11.stomp']))": () =>
    Stomp.over(new WebSocket(testbed.url(), ['v10.stomp', 'v11.stomp'])),
};

for (const [how, newClient] of Object.entries(factories)) {
  test(`NEG-022, HB-003: ${how} connects on 1.1, with a heart-beat header`, async (t) => {
    const client = await connected(t, newClient());
    const { headers } = client.connectedFrame;
    assert.equal(headers.version, '1.1');
    assert.equal(headers['heart-beat'], '10000,10000');
    assert.equal(headers['user-name'], 'guest');
  });

  test(`SUB-001, WS-015: ${how} gets what it sends, text of any alphabet`, async (t) => {
    const client = await connected(t, newClient());
    const messages = await subscribe(client, '/topic/text');
    client.send('/topic/text', { key: 'value' }, 'grün 日本 🦀');
    const message = await messages.next();
    assert.equal(message.body, 'grün 日本 🦀');
    assert.equal(message.headers.key, 'value');
    assert.equal(message.headers.destination, '/topic/text');
  });

  test(`WS-009, WS-013: ${how} cuts a body above 16 KiB, and gets it in one message`, async (t) => {
    const client = await connected(t, newClient());
    const messages = await subscribe(client, '/topic/large');
    // The WebSocket of `overWS` takes no more than 1 MiB.
    for (const length of [16 * 1024, 100_000, 800_000]) {
      const body = 'grün'.repeat(length / 4);
      client.send('/topic/large', {}, body);
      assert.ok((await messages.next()).body === body, `the body of ${length} characters is the same`);
    }
  });

  test(`WS-013: ${how} reads 1000 messages that come at once`, async (t) => {
    const client = await connected(t, newClient());
    const messages = await subscribe(client, '/topic/many');
    for (let number = 0; number < 1000; number++) client.send('/topic/many', {}, String(number));
    for (let number = 0; number < 1000; number++) assert.equal((await messages.next()).body, String(number));
  });

  test(`ERR-001: ${how} gets ERROR, then the close`, async (t) => {
    const client = await connected(t, newClient());
    client.send('/nowhere', {}, 'hello');
    const error = await client.events.errors.next('ERROR');
    assert.equal(error.command, 'ERROR');
    assert.equal(error.headers.code, 'unknown-destination');
    assert.match(await client.events.errors.next('close'), /^Whoops! Lost connection/);
  });

  test(`NEG-019: ${how} with a wrong passcode gets ERROR, then the close`, async (t) => {
    const client = await connect(t, newClient(), 'guest', 'wrong');
    assert.equal((await client.events.errors.next('ERROR')).headers.message, 'Bad credentials');
    assert.match(await client.events.errors.next('close'), /^Whoops! Lost connection/);
    assert.deepEqual(client.events.connected.takeAll(), []);
  });

  test(`HB-005, HB-015: ${how} is kept alive by heart-beats`, async (t) => {
    const client = newClient();
    client.heartbeat = { outgoing: 1000, incoming: 1000 };
    const pongs = new Inbox();
    client.debug = (text) => text === '<<< PONG' && pongs.put(text);
    await connected(t, client);
    assert.equal(client.connectedFrame.headers['heart-beat'], '1000,1000');
    await pongs.take(3, 'heart-beat');
    await subscribe(client, '/topic/alive');
    assert.deepEqual(client.events.errors.takeAll(), []);
  });
}

test('SUB-012: unsubscribe() stops the messages', async (t) => {
  const client = await connected(t, Stomp.overWS(testbed.url()));
  const stopped = await subscribe(client, '/topic/unsubscribe');
  stopped.subscription.unsubscribe();
  const witness = await subscribe(client, '/topic/unsubscribe');
  client.send('/topic/unsubscribe', {}, 'hello');
  await witness.next();
  assert.deepEqual(stopped.takeAll(), []);
});

test('COD-014: a colon in a header, which it does not escape, is accepted', async (t) => {
  const client = await connected(t, Stomp.overWS(testbed.url()));
  const messages = await subscribe(client, '/topic/colon');
  client.send('/topic/colon', { key: 'a:b' }, 'hello');
  // It does not unescape either: this is what the server must write on 1.1 (ENC-002).
  assert.equal((await messages.next()).headers.key, 'a\\cb');
});

test('RCP-011: disconnect() sends DISCONNECT and closes at once', async (t) => {
  const socket = new WebSocket(testbed.url());
  const client = await connected(t, Stomp.over(socket));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  client.disconnect();
  await within(closed, 'close');
});

test('RV-14: handlers and user destinations', async (t) => {
  const client = await connected(t, Stomp.overWS(testbed.url()));
  const replies = await subscribe(client, '/user/queue/echo');
  client.send('/app/echo', {}, 'grün');
  assert.equal((await replies.next()).body, 'grün');
});
