// A site with a page that has `sockjs-client` and `@stomp/stompjs`, and with the SockJS services, forwarded from where they
// really are: so these are of the page's origin, and of another one as well.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import http from "node:http";
import net from "node:net";

import { startSockjsServer } from "../node/lib/sockjs-server.js";

/** In the iframes of `sockjs-client`, too, which must have the version that the page has (SJ-IFR-05). */
const CLIENT = "/sockjs-client.js";

const FILES = {
  "/": ["text/html; charset=utf-8", "sockjs-page.html"],
  "/page.js": ["text/javascript; charset=utf-8", "sockjs-page.js"],
  [CLIENT]: ["text/javascript; charset=utf-8", "node_modules/sockjs-client/dist/sockjs.js"],
  "/stomp.js": ["text/javascript; charset=utf-8", "node_modules/@stomp/stompjs/bundles/stomp.umd.js"],
};

export class SockjsSite {
  #server = http.createServer((request, response) => this.#answer(request, response));
  #services;

  /**
   * Starts the site and a testbed. A server that `SOCKJS_BASE_URL` names instead must know the url of the client library:
   * so the site's port can be set by `SOCKJS_SITE_PORT`.
   */
  static async start() {
    const site = new SockjsSite();
    site.#server.on("upgrade", (request, socket, head) => site.#upgrade(request, socket, head));
    site.#server.listen(Number(process.env.SOCKJS_SITE_PORT ?? 0), "127.0.0.1");
    await once(site.#server, "listening");
    site.url = `http://127.0.0.1:${site.#server.address().port}`;
    site.#services = await startSockjsServer(`--sockjs-client-url=${site.url}${CLIENT}`);
    return site;
  }

  /** The url of a service at the origin of the page, or where it is another one. */
  service(name, origin) {
    return origin === "same-origin" ? `${this.url}/sockjs/${name}` : this.#services.url(name);
  }

  /** Where the services really are. */
  get servicesPort() {
    return this.#services.port;
  }

  async stop() {
    this.#server.close();
    this.#server.closeAllConnections();
    await this.#services.stop();
  }

  async #answer(request, response) {
    if (request.url.startsWith("/sockjs/")) return this.#forward(request, response);
    if (!(request.url in FILES)) return response.writeHead(404).end();
    const [type, file] = FILES[request.url];
    response.writeHead(200, { "content-type": type }).end(await readFile(new URL(file, import.meta.url)));
  }

  /** The path of a forwarded request. */
  #path(request) {
    return new URL(this.#services.baseUrl).pathname + request.url.slice("/sockjs".length);
  }

  /** Forwards each part as it comes, and tells the server when the client goes. */
  #forward(request, response) {
    const { method, headers } = request;
    const options = { port: this.#services.port, host: "127.0.0.1", path: this.#path(request), method, headers };
    const forwarded = http.request(options, (answer) => {
      response.writeHead(answer.statusCode, answer.rawHeaders);
      response.flushHeaders();
      answer.pipe(response);
      answer.on("error", () => response.destroy());
    });
    forwarded.on("error", () => response.destroy());
    response.on("close", () => forwarded.destroy());
    request.pipe(forwarded);
  }

  #upgrade(request, socket, head) {
    const forwarded = net.connect(this.#services.port, "127.0.0.1", () => {
      const lines = [`${request.method} ${this.#path(request)} HTTP/1.1`];
      for (let index = 0; index < request.rawHeaders.length; index += 2) {
        lines.push(`${request.rawHeaders[index]}: ${request.rawHeaders[index + 1]}`);
      }
      forwarded.write(`${lines.join("\r\n")}\r\n\r\n`);
      forwarded.write(head);
      forwarded.pipe(socket).pipe(forwarded);
    });
    for (const [one, other] of [
      [socket, forwarded],
      [forwarded, socket],
    ]) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  }
}
