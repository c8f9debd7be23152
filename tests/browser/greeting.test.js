// The page of the greeting example, used as a person would: by what is written on it, with mouse and keyboard.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { Server, build, launchBrowser } from "./harness.js";

let program, browser, server, problems;

before(async () => {
  program = build("greeting");
  browser = await launchBrowser();
});
after(() => browser?.close());

beforeEach(async () => {
  problems = [];
  server = await Server.start(program);
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  await server.stop("SIGKILL");
});

/** Opens the page as one more person would, with cookies and storage of their own. */
async function openPage() {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
  });
  await page.goto(server.url);
  return page;
}

async function openConnectedPage() {
  const page = await openPage();
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await state(page, "Connected");
  return page;
}

/** Connects by SockJS, and waits until the page shows by which transport. */
async function connectBySockJs(page, choice, transport = choice) {
  await page.getByLabel("Use SockJS").check();
  await page.getByLabel("Transport").selectOption(choice);
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await state(page, `Connected by ${transport}`);
}

/** Waits until the page shows the state of its connection. */
function state(page, text) {
  return page.getByRole("status").getByText(text, { exact: true }).waitFor();
}

/** Waits until the page shows a greeting. */
function greeting(page, text) {
  return page.getByRole("list", { name: "Greetings" }).getByText(text, { exact: true }).waitFor();
}

/** Waits until the page shows an alert. */
function alert(page, text) {
  return page.getByRole("alert").getByText(text).waitFor();
}

async function sayHello(page, name) {
  await page.getByLabel("What is your name?").fill(name);
  await page.getByRole("button", { name: "Send" }).click();
}

test("a name is answered with a greeting", async () => {
  const page = await openConnectedPage();
  await sayHello(page, "Ada");
  await greeting(page, "Hello, Ada!");
  assert.deepEqual(problems, []);
});

test("the keyboard is enough", async () => {
  const page = await openPage();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await state(page, "Connected");
  await page.keyboard.type("Grace");
  await page.keyboard.press("Enter");
  await greeting(page, "Hello, Grace!");
});

test("a name is shown as text, not as HTML", async () => {
  const page = await openConnectedPage();
  await sayHello(page, "<img src=x>");
  await greeting(page, "Hello, <img src=x>!");
  assert.equal(await page.locator("img").count(), 0);
});

test("what is posted over HTTP appears in the page", async () => {
  const page = await openConnectedPage();
  const response = await fetch(`${server.url}/greetings`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ content: "Posted from elsewhere" }),
  });
  assert.equal(response.status, 204);
  await greeting(page, "Posted from elsewhere");
});

test("the page's own form publishes without a connection", async () => {
  const reader = await openConnectedPage();
  const writer = await openPage();
  await writer.getByLabel("Text for everyone who is connected").fill("Tea is ready");
  await writer.getByRole("button", { name: "Publish" }).click();
  await greeting(reader, "Tea is ready");
  await writer.getByText("Published, to those who are connected.").waitFor();
  assert.deepEqual(problems, []);
});

test("a blank name is answered with an error, to its sender alone", async () => {
  const [page, other] = [await openConnectedPage(), await openConnectedPage()];
  const name = page.getByLabel("What is your name?");
  await sayHello(page, "   ");
  await alert(page, "Please tell me your name");
  assert.equal(await name.getAttribute("aria-invalid"), "true");
  // What is published later arrives later, so an error for the other page would be there by now.
  await sayHello(page, "Ada");
  await greeting(other, "Hello, Ada!");
  assert.equal(await other.getByRole("alert").getByText("name").count(), 0);
  assert.equal(await name.getAttribute("aria-invalid"), "false");
});

test("after disconnecting nothing can be sent, until the page connects again", async () => {
  const page = await openConnectedPage();
  await page.getByRole("button", { name: "Disconnect" }).click();
  await state(page, "Disconnected");
  const send = page.getByRole("button", { name: "Send" });
  assert.equal(await send.isDisabled(), true);
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await state(page, "Connected");
  assert.equal(await send.isDisabled(), false);
  await sayHello(page, "Ada");
  await greeting(page, "Hello, Ada!");
});

test("everybody who is connected sees a greeting", async () => {
  const [first, second] = [await openConnectedPage(), await openConnectedPage()];
  await sayHello(first, "Ada");
  await Promise.all([greeting(first, "Hello, Ada!"), greeting(second, "Hello, Ada!")]);
});

test("the page shows that the server went away, and is connected again when it is back", async () => {
  const page = await openConnectedPage();
  await server.stop("SIGKILL");
  await state(page, "Reconnecting…");
  await alert(page, "The server can't be reached.");
  assert.equal(await page.getByRole("button", { name: "Send" }).isDisabled(), true);
  server = await Server.start(program, server.port);
  await state(page, "Connected");
  assert.equal(await page.getByRole("alert").getByText("The server can't be reached.").count(), 0);
  await sayHello(page, "Ada");
  await greeting(page, "Hello, Ada!");
});

test("a page that waits for the server can give up", async () => {
  const page = await openConnectedPage();
  await server.stop("SIGKILL");
  await state(page, "Reconnecting…");
  await page.getByRole("button", { name: "Give up" }).click();
  await state(page, "Disconnected");
});

test("ctrl-c ends the server in good order, although a page is connected", async () => {
  const page = await openConnectedPage();
  assert.equal(await server.stop("SIGINT"), 0);
  await state(page, "Reconnecting…");
});

for (const transport of ["websocket", "xhr-streaming", "eventsource", "xhr-polling"]) {
  test(`SockJS carries everything by ${transport}, to and from those without it`, async () => {
    const [page, other] = [await openPage(), await openConnectedPage()];
    await connectBySockJs(page, transport);
    await sayHello(page, "Ada");
    await Promise.all([greeting(page, "Hello, Ada!"), greeting(other, "Hello, Ada!")]);
    await sayHello(other, "Grace 🙂");
    await greeting(page, "Hello, Grace 🙂!");
    await sayHello(page, "   ");
    await alert(page, "Please tell me your name");
    assert.deepEqual(problems, []);
  });
}

test("SockJS takes the best transport, and a page can change its mind", async () => {
  const page = await openPage();
  const transport = page.getByLabel("Transport");
  assert.equal(await transport.isDisabled(), true);
  await connectBySockJs(page, "the best transport", "websocket");
  assert.equal(await page.getByLabel("Use SockJS").isDisabled(), true);
  assert.equal(await transport.isDisabled(), true);
  await page.getByRole("button", { name: "Disconnect" }).click();
  await state(page, "Disconnected");
  await connectBySockJs(page, "xhr-polling");
  await page.getByRole("button", { name: "Disconnect" }).click();
  await page.getByLabel("Use SockJS").uncheck();
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await state(page, "Connected");
  await sayHello(page, "Ada");
  await greeting(page, "Hello, Ada!");
  assert.deepEqual(problems, []);
});

test("a page that lost its connection by SockJS is connected in the same way again", async () => {
  const page = await openPage();
  await connectBySockJs(page, "xhr-streaming");
  await server.stop("SIGKILL");
  await state(page, "Reconnecting…");
  server = await Server.start(program, server.port);
  await state(page, "Connected by xhr-streaming");
  await sayHello(page, "Ada");
  await greeting(page, "Hello, Ada!");
  assert.equal(await server.stop("SIGINT"), 0);
  await state(page, "Reconnecting…");
});
