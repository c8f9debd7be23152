// `@stomp/stompjs` 7 and annotated handlers: replies, errors, user destinations.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { Inbox } from './lib/inbox.js';
import { connect, flush, subscribe } from './lib/stompjs-client.js';
import { startTestbed } from './lib/testbed.js';

const testbed = await startTestbed();
after(() => testbed.stop());

const ADMIN = { login: 'admin', passcode: 'password' };

for (const [who, connectHeaders] of [
  ['a user', ADMIN],
  ['an anonymous client', {}],
]) {
  test(`RV-13, UD-1: /app/echo answers ${who} at /user/queue/echo`, async (t) => {
    const client = await connect(t, testbed, { connectHeaders });
    const replies = await subscribe(client, '/user/queue/echo');
    client.publish({ destination: '/app/echo', body: 'grün', headers: { 'content-type': 'text/plain' } });
    const reply = await replies.next();
    assert.equal(reply.body, 'grün');
    assert.equal(reply.headers.destination, '/user/queue/echo');
    assert.equal(reply.headers.subscription, replies.subscription.id);
  });
}

test('COD-054: /app/echo answers octets as they are', async (t) => {
  const client = await connect(t, testbed);
  const replies = await subscribe(client, '/user/queue/echo');
  const binaryBody = Uint8Array.from({ length: 256 }, (_, octet) => octet);
  client.publish({ destination: '/app/echo', binaryBody });
  assert.deepEqual(Buffer.from((await replies.next()).binaryBody), Buffer.from(binaryBody));
});

test('ORD-004: 1000 messages are handled, and answered, in their order', async (t) => {
  const client = await connect(t, testbed);
  const replies = await subscribe(client, '/user/queue/echo');
  for (let number = 0; number < 1000; number++) client.publish({ destination: '/app/echo', body: String(number) });
  for (let number = 0; number < 1000; number++) assert.equal((await replies.next()).body, String(number));
});

test('RV-21: of two sessions of a user, only the one that asked gets the answer', async (t) => {
  const [one, other] = await Promise.all([1, 2].map(() => connect(t, testbed)));
  const [replies, none] = await Promise.all([one, other].map((client) => subscribe(client, '/user/queue/echo')));
  one.publish({ destination: '/app/echo', body: 'mine' });
  assert.equal((await replies.next()).body, 'mine');
  await flush(one);
  await flush(other);
  assert.deepEqual(none.takeAll(), []);
});

test('UD-7, UD-11: a message to a user reaches both sessions, and nobody else', async (t) => {
  const sessions = await Promise.all([1, 2].map(() => connect(t, testbed, { connectHeaders: ADMIN })));
  const guest = await connect(t, testbed);
  const inboxes = await Promise.all(sessions.map((client) => subscribe(client, '/user/queue/news')));
  const none = await subscribe(guest, '/user/queue/news');
  guest.publish({ destination: '/user/admin/queue/news', body: 'hello' });
  for (const messages of inboxes) {
    const message = await messages.next();
    assert.equal(message.body, 'hello');
    assert.equal(message.headers.destination, '/user/queue/news');
  }
  await flush(guest);
  assert.deepEqual(none.takeAll(), []);
});

test('RV-14: /app/broadcast/{room} reaches everybody in the room, and nobody else', async (t) => {
  const clients = await Promise.all([1, 2, 3].map(() => connect(t, testbed)));
  const inboxes = await Promise.all(clients.map((client) => subscribe(client, '/topic/room/lobby')));
  const none = await subscribe(clients[0], '/topic/room/other');
  clients[0].publish({ destination: '/app/broadcast/lobby', body: 'hello' });
  for (const messages of inboxes) assert.equal((await messages.next()).body, 'hello');
  await flush(clients[0]);
  assert.deepEqual(none.takeAll(), []);
});

test('EX-1: the error of /app/fail comes to /user/queue/errors, and the session lives', async (t) => {
  const client = await connect(t, testbed);
  const errors = await subscribe(client, '/user/queue/errors');
  client.publish({ destination: '/app/fail', body: 'no reason' });
  assert.equal((await errors.next()).body, 'it failed: no reason');
  await flush(client);
});

test('SM-2: SUBSCRIBE /app/now is answered once, straight to the subscriber', async (t) => {
  const [client, other] = await Promise.all([1, 2].map(() => connect(t, testbed)));
  const before = Date.now();
  const replies = new Inbox();
  const none = new Inbox();
  client.subscribe('/app/now', replies.put);
  const now = Number((await replies.next()).body);
  assert.ok(now >= before - 1000 && now <= Date.now() + 1000, `the time in milliseconds: ${now}`);
  other.subscribe('/app/now', none.put);
  await none.next();
  await flush(client);
  assert.deepEqual(replies.takeAll(), []);
});

test('AR-31: /app/whoami knows the name of the user', async (t) => {
  const client = await connect(t, testbed, { connectHeaders: ADMIN });
  const replies = new Inbox();
  client.subscribe('/app/whoami', replies.put);
  assert.equal((await replies.next()).body, 'admin');
});
