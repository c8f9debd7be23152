// The page of the chat rooms, used as people would: in several rooms, and by several people.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { Server, build, launchBrowser } from "./harness.js";

let program, browser, server, problems;

before(async () => {
  program = build("chat-endpoint");
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

/** Opens the page as one more person would. */
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

/** Fills in the form, and waits for nothing. */
async function fillJoin(page, name, room) {
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("Room", { exact: true }).fill(room);
  await page.getByRole("button", { name: "Join", exact: true }).click();
}

async function join(page, name, room) {
  await fillJoin(page, name, room);
  await said(page, room, `You are in ${room}, as ${name}.`);
  await state(page, "Connected");
}

/** Opens the page, and joins a room. */
async function openRoom(name, room) {
  const page = await openPage();
  await join(page, name, room);
  return page;
}

/** Waits until the room that is shown has that state. */
function state(page, text) {
  return page.getByRole("status").getByText(text, { exact: true }).waitFor();
}

function alert(page, text) {
  return page.getByRole("alert").getByText(text).waitFor();
}

function tab(page, room) {
  return page.getByRole("tab", { name: room });
}

function messages(page, room) {
  return page.getByRole("list", { name: `Messages in ${room}` });
}

/** Waits until a line stands in the room that is shown. */
function said(page, room, text) {
  return messages(page, room).getByText(text, { exact: true }).waitFor();
}

async function say(page, room, text) {
  await page.getByLabel(`Message to ${room}`).fill(text);
  await page.getByRole("button", { name: "Send", exact: true }).click();
}

/** Waits until exactly these people are in the room that is shown. */
async function members(page, ...names) {
  const list = page.getByRole("list", { name: "Who is here" });
  const all = names.map((name, index) => list.locator(`li:nth-child(${index + 1}) .name`).getByText(name, { exact: true }));
  await Promise.all(all.map((name) => name.waitFor()));
  await list.locator(`li:nth-child(${names.length + 1})`).waitFor({ state: "detached" });
}

async function experiment(page, name) {
  const button = page.getByRole("button", { name });
  if (!(await button.isVisible())) await page.getByText("What if something goes wrong?").click();
  await button.click();
}

test("what is said in a room is read by those who are in it", async () => {
  const [ada, grace] = [await openRoom("Ada", "lobby"), await openRoom("Grace", "lobby")];
  await said(ada, "lobby", "Grace has joined.");
  await Promise.all([members(ada, "Ada", "Grace"), members(grace, "Ada", "Grace")]);
  await say(ada, "lobby", "Hello, Grace!");
  await said(grace, "lobby", "Hello, Grace!");
  await say(grace, "lobby", "Hello, Ada!");
  await said(ada, "lobby", "Hello, Ada!");
  assert.equal(await ada.getByLabel("Message to lobby").inputValue(), "");
  assert.deepEqual(problems, []);
});

test("rooms are apart, and a person may be in several", async () => {
  const [ada, grace] = [await openRoom("Ada", "lobby"), await openRoom("Grace", "kitchen")];
  await join(ada, "Countess", "kitchen");
  await members(ada, "Grace", "Countess");
  await members(grace, "Grace", "Countess");
  await tab(ada, "lobby").click();
  await members(ada, "Ada");

  // The tab tells of what is said in the room that is not shown.
  await say(grace, "kitchen", "Tea is ready");
  await tab(ada, "kitchen").getByText("1", { exact: true }).waitFor();
  assert.equal(await messages(ada, "lobby").getByText("Tea is ready").count(), 0);
  await tab(ada, "kitchen").click();
  await said(ada, "kitchen", "Tea is ready");
  assert.equal(await tab(ada, "kitchen").getByText("1", { exact: true }).isVisible(), false);
  assert.deepEqual(problems, []);
});

test("the name of a room is any text, and shown as text", async () => {
  const room = "Küche / 100% <b>&?#";
  const [ada, grace] = [await openRoom("Ada", room), await openRoom("Grace & <i>", room)];
  await members(ada, "Ada", "Grace & <i>");
  await say(grace, room, "<img src=x>");
  await said(ada, room, "<img src=x>");
  assert.equal(await ada.locator("img, b, i").count(), 0);
  assert.deepEqual(problems, []);
});

test("whoever leaves, or closes the page, is gone for the others", async () => {
  const [ada, grace, joan] = [
    await openRoom("Ada", "lobby"),
    await openRoom("Grace", "lobby"),
    await openRoom("Joan", "lobby"),
  ];
  await members(ada, "Ada", "Grace", "Joan");
  await grace.getByRole("button", { name: "Leave" }).click();
  await said(ada, "lobby", "Grace has left.");
  assert.equal(await grace.getByRole("tab").count(), 0);
  await joan.close();
  await said(ada, "lobby", "Joan has left.");
  await members(ada, "Ada");
  assert.deepEqual(problems, []);
});

test("a name that is taken is refused with a code and a reason, until it is free", async () => {
  const ada = await openRoom("Ada", "lobby");
  const other = await openPage();
  await fillJoin(other, "Ada", "lobby");
  await state(other, "Closed");
  await alert(other, /^Closed with 4409: .*Ada/);
  // In another room the name is free.
  await join(other, "Ada", "kitchen");
  await ada.getByRole("button", { name: "Leave" }).click();
  await tab(other, "lobby").click();
  await other.getByRole("button", { name: "Join again" }).click();
  await state(other, "Connected");
  await members(other, "Ada");
  assert.deepEqual(problems, []);
});

test("a name must not be blank, nor longer than 40 characters", async () => {
  const page = await openPage();
  await fillJoin(page, "  ", "lobby");
  await alert(page, "Please give a name.");
  assert.equal(await page.getByLabel("Your name").getAttribute("aria-invalid"), "true");
  await fillJoin(page, "a".repeat(41), "lobby");
  await alert(page, /^Closed with 4400: .*40/);
});

test("the host removes others, who are told by whom, and the next one is host then", async () => {
  const [ada, grace] = [await openRoom("Ada", "lobby"), await openRoom("Grace", "lobby")];
  await members(grace, "Ada", "Grace");
  assert.equal(await grace.getByRole("button", { name: /^Remove/ }).count(), 0);
  await ada.getByRole("button", { name: "Remove Grace" }).click();
  await alert(grace, /^Closed with 4403: .*Ada/);
  await state(grace, "Closed");
  await said(ada, "lobby", "Grace was asked to leave.");

  await grace.getByRole("button", { name: "Join again" }).click();
  await members(ada, "Ada", "Grace");
  await ada.getByRole("button", { name: "Leave" }).click();
  await members(grace, "Grace");
  const joan = await openRoom("Joan", "lobby");
  await grace.getByRole("button", { name: "Remove Joan" }).click();
  await alert(joan, /^Closed with 4403: .*Grace/);
  assert.deepEqual(problems, []);
});

test("what the room does not take is an error for its sender, and the connection stays", async () => {
  const [ada, grace] = [await openRoom("Ada", "lobby"), await openRoom("Grace", "lobby")];
  await say(ada, "lobby", "   ");
  await alert(ada, "blank");
  assert.equal(await ada.getByLabel("Message to lobby").getAttribute("aria-invalid"), "true");
  await experiment(ada, "Say 501 letters");
  await alert(ada, /500 .*501/);
  await experiment(ada, "Send what is no JSON");
  await alert(ada, "can't be read");
  await say(ada, "lobby", "a".repeat(500));
  await said(grace, "lobby", "a".repeat(500));
  assert.equal(await messages(grace, "lobby").locator(".text").count(), 2);
  assert.equal(await grace.getByRole("alert").getByText(/\S/).count(), 0);
  assert.deepEqual(problems, []);
});

test("what is too big, or binary, closes the connection with its code", async () => {
  const ada = await openRoom("Ada", "lobby");
  await experiment(ada, "Send 5,000 bytes");
  await alert(ada, "Closed with 1009");
  await state(ada, "Closed");
  assert.equal(await ada.getByRole("button", { name: "Send", exact: true }).isDisabled(), true);
  await ada.getByRole("button", { name: "Join again" }).click();
  await state(ada, "Connected");
  assert.equal(await ada.getByRole("alert").getByText("Closed").count(), 0);
  await experiment(ada, "Send a binary message");
  await alert(ada, "Closed with 1003");
  assert.deepEqual(problems, []);
});

test("the keyboard is enough", async () => {
  const page = await openPage();
  await page.keyboard.press("Tab");
  await page.keyboard.type("Ada");
  await page.keyboard.press("Enter");
  await said(page, "lobby", "You are in lobby, as Ada.");
  await page.keyboard.type("hello");
  await page.keyboard.press("Enter");
  await said(page, "lobby", "hello");
  await join(page, "Ada", "kitchen");
  await tab(page, "kitchen").focus();
  await page.keyboard.press("ArrowUp");
  assert.equal(await tab(page, "lobby").getAttribute("aria-selected"), "true");
  await said(page, "lobby", "hello");
  await page.keyboard.press("ArrowUp");
  assert.equal(await tab(page, "kitchen").getAttribute("aria-selected"), "true");
});

test("the page shows that the server went away, and is in the room again when it is back", async () => {
  const page = await openRoom("Ada", "lobby");
  await page.getByLabel("Message to lobby").fill("not lost");
  await server.stop("SIGKILL");
  await state(page, "Reconnecting…");
  await alert(page, "Closed with 1006");
  server = await Server.start(program, server.port);
  await state(page, "Connected");
  await members(page, "Ada");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await said(page, "lobby", "not lost");
});

test("a page that waits for the server can leave", async () => {
  const page = await openRoom("Ada", "lobby");
  await server.stop("SIGKILL");
  await state(page, "Reconnecting…");
  await page.getByRole("button", { name: "Leave" }).click();
  assert.equal(await page.getByRole("tab").count(), 0);
});

test("ctrl-c ends the server in good order, and pages are told", async () => {
  const page = await openRoom("Ada", "lobby");
  assert.equal(await server.stop("SIGINT"), 0);
  await alert(page, "Closed with 1001");
  await state(page, "Reconnecting…");
});
