// `@stomp/stompjs` 7 with acknowledgements, queues, transactions and histories.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { connect, flush, subscribe, withReceipt } from './lib/stompjs-client.js';
import { startTestbed } from './lib/testbed.js';

const testbed = await startTestbed('--limit=deliveries=3');
after(() => testbed.stop());

function publish(client, destination, ...bodies) {
  for (const body of bodies) client.publish({ destination, body });
}

/** The bodies of the next messages. */
async function bodies(messages, count) {
  return (await messages.take(count)).map((message) => message.body);
}

test('SUB-028: a queue keeps messages, in their order, until somebody is subscribed', async (t) => {
  const client = await connect(t, testbed);
  publish(client, '/queue/kept', 'a', 'b', 'c');
  await flush(client);
  const messages = await subscribe(client, '/queue/kept');
  assert.deepEqual(await bodies(messages, 3), ['a', 'b', 'c']);
});

test('SUB-029: two consumers of a queue share its messages', async (t) => {
  const clients = await Promise.all([1, 2].map(() => connect(t, testbed)));
  const inboxes = await Promise.all(clients.map((client) => subscribe(client, '/queue/shared')));
  publish(clients[0], '/queue/shared', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
  const received = await Promise.all(inboxes.map((messages) => bodies(messages, 5)));
  assert.deepEqual(received.flat().sort(), ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
});

test('ACK-002, ACK-003, ACK-026, WS-021: what a lost client had not acknowledged goes to others, in its order', async (t) => {
  const lost = await connect(t, testbed);
  const first = await subscribe(lost, '/queue/lost', { ack: 'client' });
  publish(lost, '/queue/lost', 'a', 'b', 'c');
  const [a] = await first.take(3);
  assert.equal(a.headers.redelivered, undefined);
  a.ack();
  await flush(lost);
  lost.forceDisconnect();
  const other = await connect(t, testbed);
  const second = await subscribe(other, '/queue/lost', { ack: 'client' });
  const again = await second.take(2);
  assert.deepEqual(again.map((message) => message.body), ['b', 'c']);
  for (const message of again) {
    assert.equal(message.headers.redelivered, 'true');
    assert.equal(message.headers['delivery-count'], '2');
  }
});

for (const [mode, left] of [
  ['client', ['c']],
  ['client-individual', ['a', 'c']],
]) {
  test(`ACK-004, ACK-005: what ACK settles in mode ${mode}`, async (t) => {
    const destination = `/queue/${mode}`;
    const client = await connect(t, testbed);
    const messages = await subscribe(client, destination, { ack: mode });
    publish(client, destination, 'a', 'b', 'c');
    (await messages.take(3))[1].ack();
    await withReceipt(client, (headers) => messages.subscription.unsubscribe(headers));
    const rest = await subscribe(client, destination);
    assert.deepEqual(await bodies(rest, left.length), left);
    await flush(client);
    assert.deepEqual(rest.takeAll(), []);
  });
}

test('ACK-020, ACK-022, ACK-025: NACK delivers again, and then to the dead letters', async (t) => {
  const client = await connect(t, testbed);
  const dead = await subscribe(client, '/queue/dead-letters');
  const messages = await subscribe(client, '/queue/nack', { ack: 'client-individual' });
  publish(client, '/queue/nack', 'poison');
  for (let count = 1; count <= 3; count++) {
    const message = await messages.next();
    assert.equal(message.headers['delivery-count'], count === 1 ? undefined : String(count));
    message.nack();
  }
  const letter = await dead.next();
  assert.equal(letter.body, 'poison');
  assert.equal(letter.headers['original-destination'], '/queue/nack');
  assert.equal(letter.headers['dead-letter-reason'], 'max-deliveries');
});

test('ACK-028: prefetch-count pauses delivery', async (t) => {
  const client = await connect(t, testbed);
  const messages = await subscribe(client, '/queue/prefetch', { ack: 'client', 'prefetch-count': '1' });
  publish(client, '/queue/prefetch', 'a', 'b');
  const first = await messages.next();
  await flush(client);
  assert.deepEqual(messages.takeAll(), []);
  first.ack();
  assert.equal((await messages.next()).body, 'b');
});

test('TX-001, TX-002: COMMIT sends what is in the transaction, ABORT drops it', async (t) => {
  const client = await connect(t, testbed);
  const messages = await subscribe(client, '/topic/transaction');
  const aborted = client.begin();
  client.publish({ destination: '/topic/transaction', body: 'aborted', headers: { transaction: aborted.id } });
  const committed = client.begin();
  client.publish({ destination: '/topic/transaction', body: 'committed', headers: { transaction: committed.id } });
  publish(client, '/topic/transaction', 'outside');
  await flush(client);
  aborted.abort();
  committed.commit();
  assert.deepEqual(await bodies(messages, 2), ['outside', 'committed']);
  await flush(client);
  assert.deepEqual(messages.takeAll(), []);
});

test('TX-011, TX-012: an ACK counts when its transaction is committed', async (t) => {
  const client = await connect(t, testbed);
  const messages = await subscribe(client, '/queue/transaction', { ack: 'client-individual' });
  publish(client, '/queue/transaction', 'a', 'b');
  const [a, b] = await messages.take(2);
  const aborted = client.begin();
  a.ack({ transaction: aborted.id });
  aborted.abort();
  const committed = client.begin();
  b.ack({ transaction: committed.id });
  committed.commit();
  await withReceipt(client, (headers) => messages.subscription.unsubscribe(headers));
  const rest = await subscribe(client, '/queue/transaction');
  assert.deepEqual(await bodies(rest, 1), ['a']);
  await flush(client);
  assert.deepEqual(rest.takeAll(), []);
});

test('a client that comes back recovers what it has missed', async (t) => {
  const client = await connect(t, testbed);
  const destination = '/topic/history/recovery';
  const messages = await subscribe(client, destination);
  publish(client, destination, 'a', 'b', 'c');
  const [{ headers: seen }] = await messages.take(3);
  await withReceipt(client, (headers) => messages.subscription.unsubscribe(headers));
  const recovered = await subscribe(client, destination, {
    'recover-epoch': seen.epoch,
    'recover-offset': seen.offset,
  });
  publish(client, destination, 'd');
  assert.deepEqual(await bodies(recovered, 3), ['b', 'c', 'd']);
  const latest = await subscribe(client, destination, { history: '2' });
  assert.deepEqual(await bodies(latest, 2), ['c', 'd']);
});
