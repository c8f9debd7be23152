// `@stomp/stompjs`, with its callbacks turned into what a test can wait for.

import { Client } from '@stomp/stompjs';
import WebSocket from 'ws';

import { Inbox } from './inbox.js';

export const GUEST = { login: 'guest', passcode: 'guest' };

/** A client that is not active yet. It ends with the test. */
export function newClient(t, testbed, config = {}) {
  const events = { connected: new Inbox(), errors: new Inbox(), closed: new Inbox(), heartBeats: new Inbox() };
  // The WebSocket messages as they come, which the client itself does not show.
  const webSocketMessages = new Inbox();
  const client = new Client({
    connectHeaders: GUEST,
    heartbeatIncoming: 0,
    heartbeatOutgoing: 0,
    reconnectDelay: 0,
    onConnect: events.connected.put,
    onStompError: events.errors.put,
    onWebSocketClose: events.closed.put,
    onHeartbeatReceived: () => events.heartBeats.put('heart-beat'),
    webSocketFactory: () => {
      const socket = new WebSocket(testbed.url(), client.stompVersions.protocolVersions());
      socket.on('message', (data, isBinary) => webSocketMessages.put({ data, isBinary }));
      client.socket = socket;
      return socket;
    },
    ...config,
  });
  t.after(() => client.deactivate({ force: true }));
  return Object.assign(client, { events, webSocketMessages });
}

/** A connected client. */
export async function connect(t, testbed, config) {
  const client = newClient(t, testbed, config);
  client.activate();
  client.connectedFrame = await client.events.connected.next('CONNECTED');
  return client;
}

/** Does something with a receipt, and waits for it. */
export async function withReceipt(client, action) {
  const receipt = `receipt-${Math.random()}`;
  const received = new Inbox();
  client.watchForReceipt(receipt, received.put);
  const result = action({ receipt });
  await received.next('RECEIPT');
  return result;
}

/** An inbox of the messages of a subscription, which every publisher sees when this returns (RCP-003). */
export async function subscribe(client, destination, headers = {}) {
  const messages = new Inbox();
  const subscription = await withReceipt(client, (receipt) =>
    client.subscribe(destination, messages.put, { ...headers, ...receipt }),
  );
  return Object.assign(messages, { subscription });
}

/** Sends a message behind everything that was sent before, and waits until it was handled. */
export function flush(client) {
  return withReceipt(client, (headers) => client.publish({ destination: '/topic/nobody', headers }));
}
