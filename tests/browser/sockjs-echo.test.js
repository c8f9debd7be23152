// The page of the SockJS example, used as a person would, over each kind of transport.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { Server, build, launchBrowser } from "./harness.js";

let program, browser, server, problems;

before(async () => {
  program = build("sockjs-echo");
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

/** Opens the page as one more person would; `prepare` runs in the page before all else. */
async function openPage(prepare = () => {}) {
  const context = await browser.newContext();
  await context.addInitScript(prepare);
  const page = await context.newPage();
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    // SockJS sets `document.domain` in its iframe, which browsers take no notice of any more.
    if (message.text().startsWith("document.domain mutation is ignored")) return;
    if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
  });
  await page.goto(server.url);
  return page;
}

/** Chooses a transport by its name on the page, connects, and waits until the page shows by what it is connected. */
async function connect(page, choice, transport = choice) {
  // The radio button itself is drawn by its label.
  await page.locator("label").getByText(choice, { exact: true }).click();
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await state(page, `Connected by ${transport}`);
}

/** Waits until the page shows the state of its connection. */
function state(page, text) {
  return page.getByRole("status").getByText(text, { exact: true }).waitFor();
}

/** Waits until an entry of that kind is in the list of what has happened. */
function logged(page, kind, text) {
  const entries = page.getByRole("list", { name: "What happens" }).getByRole("listitem");
  return entries.filter({ has: page.getByRole("img", { name: kind }), hasText: text }).first().waitFor();
}

async function send(page, text) {
  await page.getByLabel("Text to be echoed").fill(text);
  await page.getByRole("button", { name: "Send" }).click();
}

async function askToClose(page, code, reason) {
  await page.getByLabel("Close code").fill(code);
  await page.getByLabel("Reason").fill(reason);
  await page.getByRole("button", { name: "Close", exact: true }).click();
}

function alert(page, text) {
  return page.getByRole("alert").getByText(text).waitFor();
}

// What a transport does on the network: SockJS has no other way to send than these.
const transports = {
  websocket: null,
  "xhr-streaming": "/xhr_send",
  eventsource: "/xhr_send",
  "iframe-eventsource": null,
  htmlfile: "/xhr_send",
  "xhr-polling": "/xhr",
  "iframe-xhr-polling": null,
  "jsonp-polling": "/jsonp",
};

for (const [transport, request] of Object.entries(transports)) {
  test(`texts come back by ${transport}, and the server closes with a code and a reason`, async () => {
    const page = await openPage();
    await connect(page, transport);
    await send(page, "Grüße 🙂");
    await logged(page, "Received", "Grüße 🙂");
    await send(page, "<img src=x>");
    await logged(page, "Received", "<img src=x>");
    assert.equal(await page.locator("img").count(), 0);
    if (request) await logged(page, "Request", request);

    await askToClose(page, "4000", "Enough for today");
    await alert(page, "The connection was closed with 4000: Enough for today.");
    await logged(page, "Closed", "Closed with 4000");
    await state(page, "Disconnected");
    assert.deepEqual(problems, []);
  });
}

test("the best transport is a WebSocket", async () => {
  const page = await openPage();
  await connect(page, "Automatic", "websocket");
  await send(page, "hello");
  await logged(page, "Received", "hello");
  await logged(page, "Request", "/echo/info");
  assert.deepEqual(problems, []);
});

test("where there is no WebSocket, SockJS finds another transport", async () => {
  const page = await openPage(() => {
    // As behind a proxy that does not let them through.
    window.WebSocket = class {
      constructor() {
        setTimeout(() => this.onclose?.({ code: 1006, reason: "" }));
      }
      close() {}
    };
  });
  await connect(page, "Automatic", "xhr-streaming");
  await send(page, "hello");
  await logged(page, "Received", "hello");
});

test("messages keep their order over polls", async () => {
  const page = await openPage();
  await connect(page, "xhr-polling");
  const texts = Array.from({ length: 20 }, (_, index) => `message ${index}`);
  for (const text of texts) await send(page, text);
  await logged(page, "Received", "message 19");
  const received = await page.getByRole("list", { name: "What happens" }).locator("li.received .text").allInnerTexts();
  assert.deepEqual(received, texts);
  assert.deepEqual(problems, []);
});

test("a page disconnects, and connects again by another transport", async () => {
  const page = await openPage();
  await connect(page, "xhr-streaming");
  assert.equal(await page.getByRole("radio", { name: "websocket" }).isDisabled(), true);
  await page.getByRole("button", { name: "Disconnect" }).click();
  await state(page, "Disconnected");
  await logged(page, "Closed", "Closed with 1000");
  assert.equal(await page.getByRole("button", { name: "Send" }).isDisabled(), true);
  await connect(page, "eventsource");
  await send(page, "hello");
  await logged(page, "Received", "hello");
  assert.deepEqual(problems, []);
});

test("a code that nobody may send is refused by the page", async () => {
  const page = await openPage();
  await connect(page, "websocket");
  await askToClose(page, "1006", "");
  await alert(page, "A close code is 1000, or from 3000 to 4999.");
  await state(page, "Connected by websocket");
  assert.deepEqual(problems, []);
});

test("the keyboard is enough", async () => {
  const page = await openPage();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await state(page, "Connected by websocket");
  await page.keyboard.type("hello");
  await page.keyboard.press("Enter");
  await logged(page, "Received", "hello");
});

test("the page shows that the server went away", async () => {
  for (const transport of ["websocket", "xhr-streaming", "xhr-polling"]) {
    const page = await openPage();
    await connect(page, transport);
    await server.stop("SIGKILL");
    await alert(page, "The connection was closed with 1");
    await state(page, "Disconnected");
    server = await Server.start(program, server.port);
  }
});

test("ctrl-c ends the server in good order, whatever the transport", async () => {
  for (const transport of ["websocket", "xhr-streaming", "xhr-polling"]) {
    const page = await openPage();
    await connect(page, transport);
    assert.equal(await server.stop("SIGINT"), 0);
    await state(page, "Disconnected");
    server = await Server.start(program, server.port);
  }
});
