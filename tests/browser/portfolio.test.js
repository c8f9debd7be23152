// The page of the portfolio example, used as people would: by what is written on it, with mouse and keyboard.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { Server, build, launchBrowser } from "./harness.js";

// Quick, so that nobody waits long; the seed makes the prices move in the same way each time.
const settings = { QUOTE_INTERVAL_MS: "100", QUOTE_SEED: "1", CONFIRMATION_DELAY_MS: "200" };
const passwords = { fabrice: "fab123", paulson: "bond" };

let program, browser, server, problems;

before(async () => {
  program = build("portfolio");
  browser = await launchBrowser();
});
after(() => browser?.close());

beforeEach(async () => {
  problems = [];
  server = await Server.start(program, 0, settings);
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  await server.stop("SIGKILL");
});

/** A browser of one more person, with cookies of its own. */
async function newPerson() {
  const context = await browser.newContext();
  context.on("page", (page) => {
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
    });
  });
  return context;
}

/** Opens the page, which may be the login page then. */
async function openTab(context) {
  const page = await context.newPage();
  await page.goto(server.url);
  return page;
}

async function fillLogin(page, user, password) {
  await page.getByLabel("User name").fill(user);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
}

async function logIn(user) {
  const page = await openTab(await newPerson());
  await fillLogin(page, user, passwords[user]);
  await connected(page);
  return page;
}

/** Waits until the page shows the state of its connection. */
function state(page, text) {
  return page.getByRole("status").getByText(text, { exact: true }).waitFor();
}

/** Waits until the positions are there. */
function connected(page) {
  return state(page, "Connected");
}

function loginPage(page, text) {
  return page.getByRole(text.includes("wrong") ? "alert" : "status").getByText(text).waitFor();
}

function row(page, ticker) {
  return page.getByRole("row", { name: ticker });
}

/** The cell of a position in a column, by the column's title. */
async function cell(page, ticker, column) {
  const titles = await page.getByRole("columnheader").allInnerTexts();
  // The stock itself is the row's header, not a cell.
  return row(page, ticker).getByRole("cell").nth(titles.indexOf(column) - 1);
}

/** Waits until a position has that many shares. */
async function shares(page, ticker, number) {
  const shares = await cell(page, ticker, "Shares");
  await shares.getByText(String(number), { exact: true }).waitFor();
}

/** Waits until something stands in the list of what has happened. */
function activity(page, text) {
  return page.getByRole("list", { name: "Activity" }).getByText(text).waitFor();
}

function activities(page) {
  return page.getByRole("list", { name: "Activity" }).getByRole("listitem").count();
}

function dialog(page) {
  return page.getByRole("dialog");
}

/** Fills in the dialog for an order, and sends it. */
async function order(page, action, ticker, number) {
  if (!(await dialog(page).isVisible())) await row(page, ticker).getByRole("button", { name: "Trade" }).click();
  // The radio button itself is drawn by its label.
  await dialog(page).getByText(action, { exact: true }).click();
  await dialog(page).getByLabel("Number of shares").fill(number);
  await dialog(page).getByRole("button", { name: "Send order" }).click();
}

/** Waits for the next price of a stock. */
async function nextPrice(page, ticker) {
  const price = await cell(page, ticker, "Price");
  const before = await price.innerText();
  await price.filter({ hasNotText: before }).waitFor();
}

test("whoever is not logged in gets the login page, and no socket", async () => {
  const page = await openTab(await newPerson());
  assert.equal(new URL(page.url()).pathname, "/login");
  const opened = page.evaluate(
    () =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://${location.host}/portfolio`);
        socket.onopen = () => resolve(true);
        socket.onerror = () => resolve(false);
      }),
  );
  assert.equal(await opened, false);
});

test("a wrong password is refused", async () => {
  const page = await openTab(await newPerson());
  await fillLogin(page, "fabrice", "bond");
  await loginPage(page, "User name or password is wrong.");
  assert.equal(new URL(page.url()).pathname, "/login");
  await fillLogin(page, "fabrice", "fab123");
  await connected(page);
  assert.deepEqual(problems, []);
});

test("each user sees positions of their own, at prices that move", async () => {
  const [fabrice, paulson] = [await logIn("fabrice"), await logIn("paulson")];
  await fabrice.getByText("fabrice", { exact: true }).waitFor();
  await shares(fabrice, "CTXS", 75);
  await shares(paulson, "GOOG", 5);
  assert.equal(await row(fabrice, "GOOG").count(), 0);
  assert.equal(await row(paulson, "CTXS").count(), 0);
  assert.equal(await fabrice.getByRole("row").count(), 5);

  const total = fabrice.getByRole("region", { name: "Total value" });
  const before = await total.innerText();
  await Promise.all([nextPrice(fabrice, "CTXS"), nextPrice(paulson, "GOOG")]);
  await total.filter({ hasNotText: before }).waitFor();
  assert.deepEqual(problems, []);
});

test("an order is confirmed to all tabs of its user, and to nobody else", async () => {
  const [fabrice, paulson] = [await logIn("fabrice"), await logIn("paulson")];
  const secondTab = await openTab(fabrice.context());
  await connected(secondTab);

  await order(fabrice, "Buy", "DELL", "10");
  await activity(fabrice, "Order sent: buy 10 shares of DELL.");
  await Promise.all(
    [fabrice, secondTab].map(async (tab) => {
      await activity(tab, /^Bought 10 shares of DELL at \$/);
      await shares(tab, "DELL", 60);
    }),
  );
  await order(secondTab, "Sell", "CTXS", "75");
  await Promise.all([fabrice, secondTab].map((tab) => shares(tab, "CTXS", 0)));

  // Confirmations come in order: one of fabrice's orders would be here before that of paulson's own.
  await order(paulson, "Sell", "GOOG", "1");
  await activity(paulson, /^Sold 1 share of GOOG at \$/);
  assert.equal(await activities(paulson), 2);
  assert.deepEqual(problems, []);
});

test("a wrong order is answered in the dialog that sent it, and nowhere else", async () => {
  const [fabrice, paulson] = [await logIn("fabrice"), await logIn("paulson")];
  const secondTab = await openTab(fabrice.context());
  await connected(secondTab);
  const alert = (text) => dialog(fabrice).getByRole("alert").getByText(text).waitFor();

  await order(fabrice, "Sell", "DELL", "51");
  await alert("You can't sell that many shares of DELL: you own 50.");
  assert.equal(await dialog(fabrice).getByLabel("Number of shares").getAttribute("aria-invalid"), "true");
  await order(fabrice, "Buy", "DELL", "-5");
  await alert("The number of shares must be 1 or more.");
  await order(fabrice, "Buy", "DELL", "0.5");
  await alert("The order can't be read");

  // The dialog is still open, and takes an order that is right.
  await order(fabrice, "Sell", "DELL", "50");
  await dialog(fabrice).waitFor({ state: "hidden" });
  await Promise.all([fabrice, secondTab].map((tab) => shares(tab, "DELL", 0)));
  assert.equal(await activities(secondTab), 1);
  await order(paulson, "Buy", "GOOG", "1");
  await shares(paulson, "GOOG", 6);
  assert.equal(await activities(paulson), 2);
  assert.deepEqual(problems, []);
});

test("the keyboard is enough to order, and to change one's mind", async () => {
  const page = await logIn("fabrice");
  await row(page, "MSFT").getByRole("button", { name: "Trade" }).focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await dialog(page).waitFor({ state: "hidden" });
  await page.keyboard.press("Enter");
  await page.keyboard.type("7");
  await page.keyboard.press("Enter");
  await shares(page, "MSFT", 40);
  assert.deepEqual(problems, []);
});

test("a logout closes the sockets of all tabs, and leads to the login page", async () => {
  const [fabrice, paulson] = [await logIn("fabrice"), await logIn("paulson")];
  const secondTab = await fabrice.context().newPage();
  const socket = secondTab.waitForEvent("websocket");
  await secondTab.goto(server.url);
  const closed = (await socket).waitForEvent("close");
  await connected(secondTab);

  await fabrice.getByRole("button", { name: "Log out" }).click();
  await loginPage(fabrice, "You are logged out.");
  await closed;
  await loginPage(secondTab, "Your session has ended.");
  await secondTab.goto(server.url);
  assert.equal(new URL(secondTab.url()).pathname, "/login");
  await nextPrice(paulson, "GOOG");
  await state(paulson, "Connected");
});

test("a page that lost its connection connects again", async () => {
  const [first, second] = [await logIn("fabrice"), await logIn("fabrice")];
  // What the other browser's logout closes is not what it ends: this one is still logged in.
  const again = second.waitForEvent("websocket");
  await first.getByRole("button", { name: "Log out" }).click();
  await again;
  await connected(second);
  await order(second, "Buy", "DELL", "1");
  await shares(second, "DELL", 51);
  assert.deepEqual(problems, []);
});

test("the page shows that the server went away, and the login page when it is back without the session", async () => {
  const page = await logIn("fabrice");
  await server.stop("SIGKILL");
  await state(page, "Reconnecting…");
  await page.getByRole("alert").getByText("The server can't be reached.").waitFor();
  await row(page, "DELL").getByRole("button", { name: "Trade" }).click();
  assert.equal(await dialog(page).getByRole("button", { name: "Send order" }).isDisabled(), true);
  server = await Server.start(program, server.port, settings);
  await loginPage(page, "Your session has ended.");
});
