// What the tests call in the page. A promise is rejected when the connection ends before that is done.

/**
 * A socket through one transport, or any. It waits longer for it than it would by itself, which is some 600 ms here
 * (SJ-CLI-06): a busy machine is not what a test is about.
 */
function newSocket(url, transport, options) {
  return new SockJS(url, null, { timeout: 5_000, ...(transport && { transports: [transport] }), ...options });
}

function opened(url, transport) {
  return new Promise((resolve, reject) => {
    const socket = newSocket(url, transport);
    socket.onopen = () => resolve(socket);
    socket.onclose = ({ code, reason }) => reject(new Error(`${code} ${reason}`));
  });
}

function exchanged(socket, messages) {
  return new Promise((resolve, reject) => {
    const received = [];
    socket.onmessage = ({ data }) => received.push(data) === messages.length && resolve(received);
    socket.onclose = ({ code, reason }) => reject(new Error(`${code} ${reason}, after ${received.length} messages`));
    for (const message of messages) socket.send(message);
  });
}

/** Sends these messages in rounds; returns the transport, and all that was received. */
async function echo(url, transport, rounds) {
  const socket = await opened(url, transport);
  const used = socket.transport;
  const received = [];
  for (const messages of rounds) received.push(await exchanged(socket, messages));
  socket.close();
  return { transport: used, received };
}

/** How a connection ends that the server ends, and what has come before. */
function ending(url, transport) {
  return new Promise((resolve) => {
    const events = [];
    const socket = newSocket(url, transport);
    socket.onopen = () => events.push("open");
    socket.onmessage = ({ data }) => events.push(data);
    socket.onclose = ({ code, reason, wasClean }) => resolve({ events, code, reason, wasClean });
  });
}

/** Exchanges bodies with the handler /app/echo, one after the other, and disconnects. */
function stompEcho(url, transport, bodies, options) {
  return new Promise((resolve, reject) => {
    let socket, used;
    const received = [];
    const client = new StompJs.Client({
      webSocketFactory: () => (socket = newSocket(url, transport, options)),
      connectHeaders: { login: "guest", passcode: "guest" },
      reconnectDelay: 0,
      onConnect: () => {
        used = socket.transport;
        const send = () => client.publish({ destination: "/app/echo", body: bodies[received.length] });
        client.subscribe("/user/queue/echo", async ({ body }) => {
          received.push(body);
          if (received.length < bodies.length) return send();
          // It waits for the RECEIPT of DISCONNECT.
          await client.deactivate();
          resolve({ transport: used, received });
        });
        send();
      },
      onStompError: (frame) => reject(new Error(frame.body)),
      onWebSocketClose: ({ code, reason }) => {
        if (received.length < bodies.length) reject(new Error(`${code} ${reason}, after ${received.length} messages`));
      },
    });
    client.activate();
  });
}
