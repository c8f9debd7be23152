// `sockjs-client` 1.6 in a real browser: each transport by itself, at the origin of the page and at another one, with STOMP
// over each of them.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { HARD_TEXTS } from "../node/lib/hard-texts.js";
import { within } from "../node/lib/inbox.js";
import { launchBrowser } from "./harness.js";
import { SockjsSite } from "./sockjs-site.js";

const ORIGINS = ["same-origin", "cross-origin"];

/** All that the client has, in the order in which it tries them (SJ-CLI-01), and where it does so in Chromium. */
const TRANSPORTS = {
  websocket: ORIGINS,
  "xhr-streaming": ORIGINS,
  // They need the XDomainRequest of Internet Explorer 8 and 9.
  "xdr-streaming": [],
  eventsource: ORIGINS,
  "iframe-eventsource": ORIGINS,
  // It reads from a frame of the page's own origin.
  htmlfile: ["same-origin"],
  "iframe-htmlfile": ORIGINS,
  "xhr-polling": ORIGINS,
  "xdr-polling": [],
  "iframe-xhr-polling": ORIGINS,
  "jsonp-polling": ORIGINS,
};

/** Those whose responses have a limit, and the last segment of the url of their requests. */
const STREAMS = {
  "xhr-streaming": "xhr_streaming",
  eventsource: "eventsource",
  "iframe-eventsource": "eventsource",
  htmlfile: "htmlfile",
  "iframe-htmlfile": "htmlfile",
};

let site, browser;

before(async () => {
  [site, browser] = await Promise.all([SockjsSite.start(), launchBrowser()]);
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

/** A page in which nothing may go wrong until the test, or suite, is over. */
async function openPage() {
  const context = await browser.newContext();
  const page = await context.newPage();
  const problems = [];
  page.on("pageerror", (error) => problems.push(error.message));
  await page.goto(site.url);
  const close = async () => {
    await context.close();
    assert.deepEqual(problems, []);
  };
  return Object.assign(page, { closeWithoutProblems: close });
}

/** Calls one of the functions of sockjs-page.js. */
function call(page, name, ...arguments_) {
  const done = page.evaluate(([name, arguments_]) => window[name](...arguments_), [name, arguments_]);
  return within(done, `end of ${name}`);
}

const numbered = (count, text = "") => Array.from({ length: count }, (_, number) => `${number} ${text}`);

function testTransport(transport, origin) {
  let page;
  before(async () => (page = await openPage()));
  after(() => page.closeWithoutProblems());

  test("SJ-ES-03, SJ-HF-05, SJ-ESC-01: messages come back as they were, in order", async () => {
    // The large ones exceed the response limit by themselves (SJ-LIM-01).
    const large = ["x".repeat(50_000), '日🦀ä%"<'.repeat(3_000)];
    const rounds = [["hello"], Object.values(HARD_TEXTS).flat(), numbered(200), large, ["bye"]];
    const echo = await call(page, "echo", site.service("echo", origin), transport, rounds);
    assert.equal(echo.transport, transport);
    for (const [index, messages] of rounds.entries()) assert.deepEqual(echo.received[index], messages);
  });

  test("SJ-SES-12: the close has the code and the reason of the application", async () => {
    const ending = await call(page, "ending", site.service("close", origin), transport);
    assert.deepEqual(ending, { events: ["open"], code: 3000, reason: "Go away!", wasClean: true });
  });

  test("NEG-001, RV-13, RCP-009: STOMP", async () => {
    const bodies = ["hello", "grün 🦀 50% </script> %41\n\u2028", "日".repeat(20_000), "bye"];
    const echo = await call(page, "stompEcho", site.service("stomp", origin), transport, bodies);
    assert.deepEqual(echo, { transport, received: bodies });
  });

  if (!(transport in STREAMS)) return;

  test("SJ-LIM-01, SJ-LIM-04: it goes on with a new request after each 4096 bytes", async () => {
    const streams = [];
    page.on("request", (request) => {
      const { pathname } = new URL(request.url());
      if (pathname.endsWith(`/${STREAMS[transport]}`)) streams.push(pathname);
    });
    // Some 16 kB, four rounds for each request.
    const rounds = Array.from({ length: 15 }, () => numbered(10, "x".repeat(98)));
    const echo = await call(page, "echo", site.service("echo", origin), transport, rounds);
    assert.deepEqual(echo.received, rounds);
    assert.ok(streams.length >= 4 && streams.length <= 6, `${streams.length} requests`);
    assert.equal(new Set(streams).size, 1, "they are of one session");
  });
}

for (const origin of ORIGINS) {
  describe(origin, { concurrency: 3 }, () => {
    for (const [transport, origins] of Object.entries(TRANSPORTS)) {
      if (origins.includes(origin)) describe(transport, { concurrency: 1 }, () => testTransport(transport, origin));
    }

    test("SJ-CLI-02: the client does not have the other transports here", async () => {
      const page = await openPage();
      for (const [transport, origins] of Object.entries(TRANSPORTS)) {
        if (origins.includes(origin)) continue;
        const { events, code, reason } = await call(page, "ending", site.service("echo", origin), transport);
        assert.deepEqual({ events, code, reason }, { events: [], code: 2000, reason: "All transports failed" });
      }
      await page.closeWithoutProblems();
    });

    test("SJ-CLI-01: by itself it takes the WebSocket, or xhr-streaming if there is none", async () => {
      const page = await openPage();
      for (const [service, transport] of [
        ["echo", "websocket"],
        ["disabled_websocket_echo", "xhr-streaming"],
      ]) {
        const echo = await call(page, "echo", site.service(service, origin), undefined, [["hello"]]);
        assert.deepEqual(echo, { transport, received: [["hello"]] });
      }
      await page.closeWithoutProblems();
    });
  });
}
