// `sockjs-client` 1.6 in a browser, behind nginx that lets no WebSocket through: it tries its transports one after the other
// until one works, and STOMP works over that.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { within } from "../node/lib/inbox.js";
import { PROXIES, startNginx } from "../node/lib/nginx.js";
import { launchBrowser } from "./harness.js";
import { SockjsSite } from "./sockjs-site.js";

/** What the client ends up with. All that are before xhr-polling are streams, which nginx holds back by default. */
const TRANSPORTS = {
  "that forbids upgrades and does not buffer": "xhr-streaming",
  "as it is by default": "xhr-polling",
};

let site, browser, nginx;

before(async () => {
  [site, browser] = await Promise.all([SockjsSite.start(), launchBrowser()]);
  nginx = await startNginx(site.servicesPort);
});
after(async () => {
  await browser?.close();
  await nginx?.stop();
  await site?.stop();
});

describe("through nginx", { concurrency: true }, () => {
  for (const proxy of Object.keys(PROXIES)) {
    test(`SJ-CLI-01, SJ-CLI-07: ${proxy}, STOMP works over ${TRANSPORTS[proxy]}`, async () => {
      const page = await browser.newPage();
      await page.goto(site.url);
      const url = nginx.urls[proxy] + new URL(site.service("stomp", "cross-origin")).pathname;
      const bodies = ["hello", "grün 🦀 50%", "日".repeat(20_000), "bye"];
      const done = page.evaluate(([url, bodies]) => stompEcho(url, undefined, bodies, { timeout: 1_500 }), [url, bodies]);
      const echo = await within(done, "end of stompEcho");
      assert.deepEqual(echo, { transport: TRANSPORTS[proxy], received: bodies });
    });
  }
});
