// nginx in front of a server, as it stands in front of many: it lets no WebSocket through.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

import { within } from './inbox.js';

/** By name: what nginx does with upgrades and with answers, and how it refuses a WebSocket then. */
export const PROXIES = {
  'that forbids upgrades and does not buffer': {
    status: 403,
    settings: `
      if ($http_upgrade) {
        return 403;
      }
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;`,
  },
  // It speaks HTTP/1.0, does not forward `Upgrade`, and holds an answer back until it ends or fills a buffer.
  'as it is by default': { status: 400, settings: '' },
};

/** Starts nginx in front of a port, with a port for each of the proxies; `urls` has them by name. */
export async function startNginx(targetPort) {
  const prefix = await mkdtemp(path.join(tmpdir(), 'stomp-nginx-'));
  const ports = await freePorts(Object.keys(PROXIES).length);
  await writeFile(path.join(prefix, 'nginx.conf'), configuration(targetPort, ports));
  const nginx = spawn(findNginx(), ['-p', prefix, '-c', 'nginx.conf', '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  // A suite that dies leaves no server behind.
  const kill = () => nginx.kill('SIGKILL');
  process.once('exit', kill);
  const exited = once(nginx, 'exit').finally(() => process.off('exit', kill));
  const stop = async () => {
    nginx.kill('SIGTERM');
    await exited;
    await rm(prefix, { recursive: true });
  };
  await within(listening(nginx), 'nginx that listens');
  const urls = Object.keys(PROXIES).map((name, index) => [name, `http://127.0.0.1:${ports[index]}`]);
  return { urls: Object.fromEntries(urls), stop };
}

/** One process, which runs as who started it and writes nowhere else than to its folder. */
function configuration(targetPort, ports) {
  const servers = Object.values(PROXIES).map(
    ({ settings }, index) => `
  server {
    listen 127.0.0.1:${ports[index]};
    location / {
      proxy_pass http://127.0.0.1:${targetPort};
      proxy_set_header Host $http_host;${settings}
    }
  }`,
  );
  return `
daemon off;
master_process off;
pid nginx.pid;
error_log stderr notice;
events {
  worker_connections 256;
}
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  ${servers.join('')}
}
`;
}

/** nginx binds its ports before it says this. */
async function listening(nginx) {
  const lines = [];
  return new Promise((resolve, reject) => {
    // Read to the end, because a full pipe would stop it.
    createInterface({ input: nginx.stderr }).on('line', (line) => {
      lines.push(line);
      if (/using the "\w+" event method/.test(line)) resolve();
    });
    nginx.once('error', reject);
    nginx.once('exit', () => reject(new Error(`nginx ended: ${lines.join('\n')}`)));
  });
}

/** nginx can't choose a port itself. */
async function freePorts(count) {
  const servers = Array.from({ length: count }, () => net.createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** `NGINX`, or what is found on the PATH or where Debian has it, which is on root's PATH only. */
function findNginx() {
  if (process.env.NGINX) return process.env.NGINX;
  for (const directory of [...process.env.PATH.split(path.delimiter), '/usr/sbin', '/usr/local/sbin']) {
    const file = path.join(directory, 'nginx');
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this directory.
    }
  }
  throw new Error('no nginx: install it, or set NGINX to its path');
}
