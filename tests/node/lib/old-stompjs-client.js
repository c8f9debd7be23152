// stompjs 2.3.3, with its callbacks turned into what a test can wait for.

import assert from 'node:assert/strict';

import { Inbox } from './inbox.js';

/** A connected client. It ends with the test. */
export async function connect(t, client, ...credentials) {
  const events = { connected: new Inbox(), errors: new Inbox(), receipts: new Inbox() };
  t.after(() => client.connected && client.disconnect());
  client.onreceipt = events.receipts.put;
  client.connect(
    ...(credentials.length > 0 ? credentials : ['guest', 'guest']),
    events.connected.put,
    events.errors.put,
  );
  client.events = events;
  return client;
}

export async function connected(t, client) {
  await connect(t, client);
  client.connectedFrame = await client.events.connected.next('CONNECTED');
  return client;
}

/** An inbox of the messages of a subscription, which every publisher sees when this returns (RCP-003). */
export async function subscribe(client, destination) {
  const messages = new Inbox();
  const receipt = `receipt of ${destination}`;
  messages.subscription = client.subscribe(destination, messages.put, { receipt });
  assert.equal((await client.events.receipts.next('RECEIPT')).headers['receipt-id'], receipt);
  return messages;
}
