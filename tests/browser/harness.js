// Starts what the tests drive: an example, and a browser.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Builds an example, and returns the path of its program. */
export function build(example) {
  const arguments_ = ["build", "--package", example, "--message-format", "json-render-diagnostics"];
  const cargo = spawnSync("cargo", arguments_, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (cargo.status !== 0) throw new Error(`the example ${example} does not build`);
  const executables = cargo.stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line).executable)
    .filter(Boolean);
  return executables.at(-1);
}

/** A running example. Port 0 is any free port; `settings` are more environment variables. */
export class Server {
  static async start(program, port = 0, settings = {}) {
    const child = spawn(program, {
      env: { ...process.env, ...settings, PORT: String(port) },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const url = await new Promise((resolve, reject) => {
      // Read to the end, because a full pipe would stop the server.
      createInterface({ input: child.stdout }).on("line", (line) => {
        const open = line.match(/^Open (http:\S+)$/);
        if (open) resolve(open[1]);
      });
      child.once("error", reject);
      child.once("exit", (code, signal) => reject(new Error(`the server ended early: ${signal ?? code}`)));
    });
    return new Server(child, url);
  }

  constructor(child, url) {
    this.child = child;
    this.url = url;
    this.port = Number(new URL(url).port);
  }

  /** Ends the server by a signal; returns its exit code, `null` if the signal ended it. */
  async stop(signal) {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    this.child.kill(signal);
    const [code] = await once(this.child, "exit");
    return code;
  }
}

/** Starts Chromium with a new profile: `CHROMIUM`, or what is found on the PATH. */
export function launchBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || findBrowser(),
    args: [
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      // Chromium's sandbox does not work for root, which is who runs tests in a container.
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    ],
  });
}

function findBrowser() {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  for (const name of names) {
    for (const directory of process.env.PATH.split(path.delimiter)) {
      const file = path.join(directory, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // Not in this directory.
      }
    }
  }
  throw new Error("no browser: install Chromium or Google Chrome, or set CHROMIUM to its path");
}
