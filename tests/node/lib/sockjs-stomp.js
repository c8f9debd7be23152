// `@stomp/stompjs` over `sockjs-client`.

import { newSocket } from './sockjs-client.js';
import { connect, newClient } from './stompjs-client.js';

/** A client that is not active yet. Without a transport, the socket chooses one; `options` are the socket's. */
export function newSockjsClient(t, url, transport, config = {}, options = {}) {
  const client = newClient(t, null, {
    webSocketFactory: () => {
      client.socket = newSocket(url, { ...(transport && { transports: [transport] }), ...options });
      return client.socket;
    },
    ...config,
  });
  return client;
}

/** A connected client. */
export async function connectOverSockjs(t, url, transport, config, options) {
  const client = newSockjsClient(t, url, transport, config, options);
  client.activate();
  client.connectedFrame = await client.events.connected.next('CONNECTED');
  return client;
}

/** A connected client on the raw WebSocket beside the SockJS service (SJ-RAW-04). */
export function connectRaw(t, server, config) {
  return connect(t, { url: () => server.rawUrl('stomp') }, config);
}
