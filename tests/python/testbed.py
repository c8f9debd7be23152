"""The server under test: the binary `stomp-testbed`."""

import atexit
import json
import os
import re
import subprocess
from pathlib import Path

WORKSPACE = Path(__file__).resolve().parents[2]


class Testbed:
    """A server of its own, with WebSockets at `port` and STOMP over TCP at `tcp_port`."""

    def __init__(self):
        binary = os.environ.get("STOMP_TESTBED") or build()
        self._process = subprocess.Popen(
            [binary, "--tcp-port=0"], stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        # A suite that dies leaves no server behind.
        atexit.register(self._process.kill)
        self.port = self._listening_port("")
        self.tcp_port = self._listening_port("tcp ")

    def _listening_port(self, protocol):
        for line in self._process.stdout:
            match = re.fullmatch(rf"listening on {protocol}127\.0\.0\.1:(\d+)", line.strip())
            if match:
                return int(match[1])
        raise RuntimeError("the testbed ended before it listened")

    def stop(self):
        """Asks the server to end; the result is its exit code."""
        self._process.terminate()
        self._process.stdout.close()
        code = self._process.wait(timeout=20)
        atexit.unregister(self._process.kill)
        return code


def build():
    """Builds the testbed; the result is its path."""
    command = ["cargo", "build", "--package=stomp-tests", "--bin=stomp-testbed"]
    command.append("--message-format=json-render-diagnostics")
    built = subprocess.run(command, cwd=WORKSPACE, check=True, stdout=subprocess.PIPE)
    messages = [json.loads(line) for line in built.stdout.splitlines()]
    return next(it["executable"] for it in messages if it.get("target", {}).get("name") == "stomp-testbed")
