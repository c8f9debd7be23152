// The page of the portfolio example: puts connection, table, dialog and list together.

import { tell } from "./activity.js";
import { Connection } from "./connection.js";
import { money, shares } from "./format.js";
import { Positions } from "./positions.js";
import { TradeDialog } from "./trade.js";

const byId = (id) => document.getElementById(id);
const status = byId("status");
const notice = byId("notice");

const texts = { connecting: "Connecting…", connected: "Connected", reconnecting: "Reconnecting…" };

function show(state, problem = "") {
  if (status.dataset.state !== state) {
    status.dataset.state = state;
    status.textContent = texts[state];
  }
  // Prices that may be old look like it.
  document.body.classList.toggle("stale", state !== "connected");
  dialog.connected = state === "connected";
  notice.hidden = !problem;
  // The same text again would be read out again.
  if (notice.textContent !== problem) notice.textContent = problem;
}

const words = {
  buy: { sent: "buy", done: "Bought" },
  sell: { sent: "sell", done: "Sold" },
};

async function order(trade) {
  const refused = await connection.order(trade);
  if (!refused) tell(`Order sent: ${words[trade.action].sent} ${shares(trade.shares)} of ${trade.ticker}.`, "sent");
  return refused;
}

const dialog = new TradeDialog(order);
const positions = new Positions((position) => dialog.open(position));

function start() {
  const connection = new Connection({
    positions: (all) => positions.replace(all),
    quote(quote) {
      positions.quote(quote);
      dialog.update(positions.get(quote.ticker));
    },
    update({ trade, price, position }) {
      positions.update(position);
      dialog.update(position);
      tell(`${words[trade.action].done} ${shares(trade.shares)} of ${trade.ticker} at ${money(price)}.`, "done");
    },
    error: (text) => tell(text, "failed"),
    connected: () => show("connected"),
    // What the page says already stays until it is known to be otherwise.
    lost: () => show("reconnecting", notice.textContent),
    unreachable: (why) => show("reconnecting", why),
    loggedOut: () => location.replace("login?ended"),
  });
  // The server closes the connection when it logs the user out; that is no reason to connect again.
  byId("logout").addEventListener("submit", () => connection.expectEnd());
  connection.open();
  return connection;
}

async function showUser() {
  const response = await fetch("user");
  if (!response.ok) return;
  const { name } = await response.json();
  byId("user").textContent = name;
  document.title = `${name} · Portfolio`;
}

let connection;
if (window.StompJs) {
  connection = start();
  await showUser();
} else {
  show("reconnecting", "The STOMP library is missing. Run `npm ci` in examples/portfolio/web, then reload the page.");
}
