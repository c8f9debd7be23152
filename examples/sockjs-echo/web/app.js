// The page of the SockJS example: sockjs-client, its transports, and what each of them does.

import { log } from "./log.js";
import { options, transports } from "./transports.js";

const url = new URL("/echo", location.href).href;

const byId = (id) => document.getElementById(id);
const status = byId("status");
const connectionButton = byId("connection-button");
const notice = byId("notice");
const choice = byId("transports");
const text = byId("text");
const sendButton = byId("send-button");
const code = byId("code");
const reason = byId("reason");
const closeButton = byId("close-button");
const closeError = byId("close-error");

/** What the page shows in each state of the connection. */
const states = {
  disconnected: { status: () => "Disconnected", button: "Connect" },
  connecting: { status: () => "Connecting…", button: "Cancel" },
  connected: { status: (transport) => `Connected by ${transport}`, button: "Disconnect" },
};
let state;
let socket = null;
/** When each message was sent that has not come back yet: they come back in order. */
let sentAt = [];

function show(newState, transport) {
  state = newState;
  status.dataset.state = state;
  status.textContent = states[state].status(transport);
  connectionButton.textContent = states[state].button;
  connectionButton.classList.toggle("primary", state === "disconnected");
  // A transport is chosen before there is a connection; it keeps it from then on.
  choice.disabled = state !== "disconnected";
  for (const button of [sendButton, closeButton]) button.disabled = state !== "connected";
}

function showNotice(words) {
  notice.textContent = words;
  notice.hidden = !words;
}

function showCloseError(words) {
  closeError.textContent = words;
  code.setAttribute("aria-invalid", String(Boolean(words)));
}

for (const { name, title = name, about } of transports) {
  const radio = Object.assign(document.createElement("input"), { type: "radio", name: "transport", value: name });
  radio.id = `transport-${name}`;
  radio.checked = name === "auto";
  const label = Object.assign(document.createElement("label"), { htmlFor: radio.id });
  const name_ = Object.assign(document.createElement("span"), { className: "name", textContent: title });
  const about_ = Object.assign(document.createElement("span"), { className: "about", textContent: about });
  about_.id = `about-${name}`;
  radio.setAttribute("aria-describedby", about_.id);
  radio.setAttribute("aria-label", title);
  label.append(name_, about_);
  choice.append(radio, label);
}

function connect() {
  const chosen = choice.querySelector(":checked").value;
  showNotice("");
  show("connecting");
  sentAt = [];
  log("state", "Connecting", chosen === "auto" ? "the transport is chosen automatically" : `by ${chosen} only`);
  const opened = new SockJS(url, null, options(chosen));
  socket = opened;
  opened.onopen = () => {
    log("state", "Open", `by ${opened.transport}`);
    show("connected", opened.transport);
    text.focus();
  };
  opened.onmessage = ({ data }) => {
    const duration = performance.now() - sentAt.shift();
    log("received", data, `after ${Math.round(duration)} ms`);
  };
  opened.onheartbeat = () => log("state", "Heart-beat");
  opened.onclose = (event) => {
    const why = event.reason || "no reason was given";
    log("closed", `Closed with ${event.code}`, why);
    // After a click on "Cancel" and "Connect" it is another one's turn.
    if (socket !== opened) return;
    socket = null;
    show("disconnected");
    if (!event.wasClean || event.code !== 1000) showNotice(`The connection was closed with ${event.code}: ${why.replace(/\.$/, "")}.`);
  };
}

function disconnect() {
  const closing = socket;
  socket = null;
  show("disconnected");
  closing.close(1000, "The page has disconnected");
}

/** Each HTTP request below the URL, when it has ended. */
function logRequests() {
  const observer = new PerformanceObserver((entries) => {
    for (const { name, responseStatus, duration } of entries.getEntries()) {
      if (!name.startsWith(`${url}/`)) continue;
      log("request", new URL(name).pathname, `${responseStatus ? `${responseStatus}, ` : ""}${Math.round(duration)} ms`);
    }
  });
  observer.observe({ type: "resource" });
}

function start() {
  logRequests();
  connectionButton.addEventListener("click", () => (state === "disconnected" ? connect() : disconnect()));
  byId("send-form").addEventListener("submit", (event) => {
    event.preventDefault();
    if (state !== "connected") return;
    log("sent", text.value);
    sentAt.push(performance.now());
    socket.send(text.value);
    text.value = "";
  });
  byId("close-form").addEventListener("submit", (event) => {
    event.preventDefault();
    if (state !== "connected") return;
    if (!/^(1000|[34]\d{3})$/.test(code.value)) return showCloseError("A close code is 1000, or from 3000 to 4999.");
    showCloseError("");
    const command = `close ${code.value} ${reason.value}`.trimEnd();
    log("sent", command);
    sentAt.push(performance.now());
    socket.send(command);
  });
  code.addEventListener("input", () => showCloseError(""));
}

show("disconnected");
if (window.SockJS) {
  start();
} else {
  connectionButton.disabled = true;
  showNotice("The SockJS library is missing. Run `npm ci` in examples/sockjs-echo/web, then reload the page.");
}
