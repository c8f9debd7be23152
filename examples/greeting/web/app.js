// The page of the greeting example: a STOMP client in the browser, without any framework.

const RECONNECT_SECONDS = 2;
const MOST_GREETINGS = 100;

const byId = (id) => document.getElementById(id);
const status = byId("status");
const connectionButton = byId("connection-button");
const sockJs = byId("sockjs");
const useSockJs = byId("use-sockjs");
const transport = byId("transport");
const notice = byId("notice");
const sendButton = byId("send-button");
const helloHint = byId("hello-hint");
const name = byId("name");
const nameError = byId("name-error");
const content = byId("content");
const publishResult = byId("publish-result");
const greetings = byId("greetings");
const empty = byId("empty");
const clearButton = byId("clear-button");

/** What the page shows in each state of the connection. */
const states = {
  disconnected: { status: "Disconnected", button: "Connect", hint: "Connect first, then send your name." },
  connecting: { status: "Connecting…", button: "Cancel", hint: "One moment…" },
  connected: { status: "Connected", button: "Disconnect", hint: "Leave it blank to see how the server objects." },
  reconnecting: { status: "Reconnecting…", button: "Give up", hint: "You can send again once we are back." },
};
let state;

/** `sockJsTransport` is the transport that SockJS has found, if the connection is by SockJS. */
function show(newState, sockJsTransport) {
  if (state === newState) return;
  state = newState;
  status.dataset.state = state;
  status.textContent = states[state].status;
  if (sockJsTransport) status.textContent += ` by ${sockJsTransport}`;
  connectionButton.textContent = states[state].button;
  connectionButton.classList.toggle("primary", state === "disconnected");
  // How to connect is chosen before; all connections until the next click are made in that way.
  sockJs.disabled = state !== "disconnected";
  helloHint.textContent = states[state].hint;
  // The field stays open: what someone types while the connection is away is not lost.
  sendButton.disabled = state !== "connected";
  empty.textContent =
    state === "connected" ? "Nobody was greeted yet. Be the first." : "Connect, and greetings appear here.";
  if (state !== "connected") showNameError("");
}

function showNotice(text) {
  notice.textContent = text;
  notice.hidden = !text;
}

function showNameError(text) {
  nameError.textContent = text;
  name.setAttribute("aria-invalid", String(Boolean(text)));
}

function showPublishResult(text, failed = false) {
  publishResult.textContent = text;
  publishResult.classList.toggle("error", failed);
}

function addGreeting(text) {
  const now = new Date();
  const time = document.createElement("time");
  time.dateTime = now.toISOString();
  time.textContent = now.toLocaleTimeString([], { timeStyle: "medium" });
  const words = document.createElement("span");
  // As text, never as HTML: a name is whatever someone typed.
  words.textContent = text;
  const item = document.createElement("li");
  item.append(words, time);
  greetings.prepend(item);
  while (greetings.children.length > MOST_GREETINGS) greetings.lastElementChild.remove();
  showWhetherEmpty();
}

function showWhetherEmpty() {
  const isEmpty = greetings.children.length === 0;
  empty.hidden = !isEmpty;
  clearButton.hidden = isEmpty;
}

/** What carries the STOMP frames when SockJS is on, in place of a WebSocket. */
function openSockJs() {
  return new SockJS("/gs-guide-websocket", null, transport.value ? { transports: [transport.value] } : {});
}

function createClient() {
  // Below an endpoint with SockJS, this is where WebSockets without it are served.
  const url = new URL("/gs-guide-websocket/websocket", location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const client = new StompJs.Client({
    brokerURL: url.href,
    reconnectDelay: RECONNECT_SECONDS * 1000,
    connectionTimeout: 10_000,
  });
  let error = "";
  let byUser = false;

  client.onConnect = () => {
    // Frames are handled in order, so the receipt of the last subscription says that all of them are in place: from
    // then on nothing is missed.
    client.watchForReceipt("subscribed", () => {
      if (!client.active) return; // The user has disconnected meanwhile.
      error = "";
      showNotice("");
      show("connected", client.webSocket.transport);
      if (byUser) name.focus();
      byUser = false;
    });
    // Subscriptions end with their connection, so each connection makes them anew.
    client.subscribe("/topic/greetings", (message) => addGreeting(JSON.parse(message.body).content));
    client.subscribe("/user/queue/errors", (message) => showNameError(message.body), { receipt: "subscribed" });
  };
  // The server says in an ERROR frame why it is about to close the connection.
  client.onStompError = (frame) => {
    error = frame.headers.message;
  };
  client.onWebSocketClose = () => {
    if (!client.active) return;
    const reason = error ? `The server closed the connection: ${error}.` : "The server can't be reached.";
    showNotice(`${reason} Trying again every ${RECONNECT_SECONDS} seconds.`);
    show("reconnecting");
  };

  connectionButton.addEventListener("click", async () => {
    if (state === "disconnected") {
      byUser = true;
      show("connecting");
      client.webSocketFactory = useSockJs.checked ? openSockJs : undefined;
      client.activate();
    } else {
      showNotice("");
      show("disconnected");
      // Not waited for by the page: whoever connects again meanwhile is connected after it.
      await client.deactivate();
    }
  });
  return client;
}

function start(client) {
  byId("hello-form").addEventListener("submit", (event) => {
    event.preventDefault();
    showNameError("");
    client.publish({
      destination: "/app/hello",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: name.value }),
    });
    name.select();
  });
}

byId("publish-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  showPublishResult("");
  try {
    const response = await fetch("/greetings", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ content: content.value }),
    });
    if (!response.ok) throw new Error((await response.text()) || response.statusText);
    form.reset();
    showPublishResult(state === "connected" ? "Published." : "Published, to those who are connected.");
  } catch (error) {
    showPublishResult(`Not published: ${error.message}`, true);
  }
});

name.addEventListener("input", () => showNameError(""));
content.addEventListener("input", () => showPublishResult(""));
useSockJs.addEventListener("change", () => (transport.disabled = !useSockJs.checked));
clearButton.addEventListener("click", () => {
  greetings.replaceChildren();
  showWhetherEmpty();
});

show("disconnected");
// What a browser keeps of a form when the page is reloaded does not include what is disabled.
transport.disabled = !useSockJs.checked;
if (window.StompJs && window.SockJS) {
  start(createClient());
} else {
  connectionButton.disabled = true;
  showNotice("The STOMP or the SockJS library is missing. Run `npm ci` in examples/greeting/web, then reload the page.");
}
