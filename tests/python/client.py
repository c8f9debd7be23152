"""stomp.py, with its callbacks turned into what a test can wait for."""

import queue

import stomp
from stomp.adapter.ws import WSStompConnection

PATIENCE = 10
"""In seconds."""


class Inbox(stomp.ConnectionListener):
    """What has happened, in order, each kind of event by itself."""

    def __init__(self):
        self._events = {}

    def _put(self, kind, event):
        self._of(kind).put(event)

    def _of(self, kind):
        return self._events.setdefault(kind, queue.Queue())

    def on_connected(self, frame):
        self._put("connected", frame)

    def on_message(self, frame):
        self._put("message", frame)

    def on_receipt(self, frame):
        self._put("receipt", frame)

    def on_error(self, frame):
        self._put("error", frame)

    def on_heartbeat(self):
        self._put("heart-beat", None)

    def on_heartbeat_timeout(self):
        self._put("heart-beat lost", None)

    def on_disconnected(self):
        self._put("disconnected", None)

    def next(self, kind):
        """The next event of a kind, for which it waits."""
        try:
            return self._of(kind).get(timeout=PATIENCE)
        except queue.Empty:
            raise AssertionError(f"no {kind} within {PATIENCE} s") from None

    def is_empty(self, kind):
        return self._of(kind).empty()


class Client:
    """A connection of stomp.py and what comes over it."""

    def __init__(self, connection):
        self.connection = connection
        self.inbox = Inbox()
        connection.set_listener("inbox", self.inbox)
        self._receipts = 0

    def connect(self, login="guest", passcode="guest", **options):
        self.connection.connect(login, passcode, wait=True, **options)
        return self.inbox.next("connected").headers

    def subscribe(self, destination, subscription="1"):
        """Every publisher sees the subscription when this returns (RCP-003)."""
        self.confirmed(lambda headers: self.connection.subscribe(destination, id=subscription, headers=headers))

    def send(self, destination, body="", **options):
        self.connection.send(destination, body, **options)

    def confirmed(self, action):
        """Does something with a receipt, and waits for it."""
        self._receipts += 1
        receipt = f"receipt-{self._receipts}"
        action({"receipt": receipt})
        assert self.inbox.next("receipt").headers["receipt-id"] == receipt

    def message(self):
        return self.inbox.next("message")

    def disconnect(self):
        """DISCONNECT, and the RECEIPT for it."""
        self.connection.disconnect("bye")
        assert self.inbox.next("receipt").headers["receipt-id"] == "bye"
        self.inbox.next("disconnected")

    def close(self):
        """Ends the connection, in whatever state it is."""
        # What `stop` waits for would read for ever otherwise.
        self.connection.transport.disconnect_socket()
        self.connection.transport.stop()


def over_tcp(testbed, version, **options):
    """A connection that is not open yet."""
    connection = {"1.0": stomp.Connection10, "1.1": stomp.Connection11, "1.2": stomp.Connection12}[version]
    return connection([("127.0.0.1", testbed.tcp_port)], reconnect_attempts_max=1, **options)


def over_websocket(testbed, version, **options):
    """As `over_tcp`; there is only 1.2. Whoever wants bytes back sends them as such, too."""
    assert version == "1.2"
    options.setdefault("binary_mode", not options.get("auto_decode", True))
    return WSStompConnection([("127.0.0.1", testbed.port)], reconnect_attempts_max=1, ws_path="/ws", **options)
