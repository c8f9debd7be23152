"""stomp.py 8.2, the client that Python has: over TCP with all versions of STOMP, and over its WebSocket."""

import gzip
import unittest

import stomp

from client import Client, over_tcp, over_websocket
from testbed import Testbed

testbed = None


def setUpModule():
    global testbed
    testbed = Testbed()


def tearDownModule():
    assert testbed.stop() == 0


class Rules:
    """What holds whatever carries the frames, for a subclass that says what does."""

    open = None
    """Makes a connection."""
    version = None

    def client(self, **options):
        client = Client(type(self).open(testbed, self.version, **options))
        self.addCleanup(client.close)
        return client

    def connected(self, **options):
        client = self.client(**options)
        client.connect()
        return client

    def destination(self):
        """One that no other test has."""
        return f"/topic/python.{self.id()}"

    def test_neg_022_connect(self):
        client = self.client()
        connected = client.connect()
        self.assertEqual(connected["version"], self.version)
        self.assertEqual(connected["user-name"], "guest")
        self.assertTrue(connected["session"])
        self.assertEqual(connected["heart-beat"], "0,0")
        client.disconnect()

    def test_neg_019_a_wrong_passcode_is_an_error(self):
        client = self.client()
        with self.assertRaises(stomp.exception.ConnectFailedException):
            client.connect("guest", "wrong")
        error = client.inbox.next("error")
        self.assertEqual(error.headers["message"], "Bad credentials")
        self.assertEqual(error.headers["code"], "authentication-failed")
        client.inbox.next("disconnected")

    def test_neg_024_another_login(self):
        self.assertEqual(self.client().connect("admin", "password")["user-name"], "admin")

    def test_sub_001_a_client_gets_what_it_sends(self):
        client = self.connected()
        client.subscribe(self.destination())
        client.send(self.destination(), "grün 日本 🦀", headers={"key": "value"})
        message = client.message()
        self.assertEqual(message.body, "grün 日本 🦀")
        self.assertEqual(message.headers["key"], "value")
        self.assertEqual(message.headers["destination"], self.destination())
        self.assertEqual(message.headers["subscription"], "1")

    def test_sub_012_unsubscribe(self):
        client = self.connected()
        client.subscribe(self.destination())
        # With the destination, too, as some do.
        client.confirmed(lambda it: client.connection.unsubscribe(id="1", destination=self.destination(), headers=it))
        client.confirmed(lambda it: client.send(self.destination(), headers=it))
        self.assertTrue(client.inbox.is_empty("message"))

    def test_tcp_002_many_messages_in_order(self):
        client = self.connected()
        client.subscribe(self.destination())
        for number in range(500):
            client.send(self.destination(), str(number))
        self.assertEqual([client.message().body for _ in range(500)], [str(number) for number in range(500)])

    def test_binary_bodies(self):
        client = self.connected(auto_decode=False)
        client.subscribe(self.destination())
        octets = bytes(range(256)) * 200
        for body in [octets, gzip.compress(octets), b"\0", b"a\0b\0"]:
            client.send(self.destination(), body, content_type="application/octet-stream")
            message = client.message()
            self.assertEqual(message.body, body)
            self.assertEqual(message.headers["content-type"], "application/octet-stream")
            self.assertEqual(message.headers["content-length"], str(len(body)))

    def test_a_large_body(self):
        client = self.connected()
        client.subscribe(self.destination())
        body = "grün" * 100_000
        client.send(self.destination(), body)
        self.assertTrue(client.message().body == body)

    def test_rcp_001_receipts_of_sends_are_in_order(self):
        client = self.connected()
        for number in range(100):
            client.send(self.destination(), headers={"receipt": f"sent-{number}"})
        receipts = [client.inbox.next("receipt").headers["receipt-id"] for _ in range(100)]
        self.assertEqual(receipts, [f"sent-{number}" for number in range(100)])

    def test_rcp_009_disconnect(self):
        client = self.connected()
        client.send(self.destination(), "last")
        client.disconnect()
        self.assertTrue(client.inbox.is_empty("error"))

    def test_err_001_error_and_then_the_end(self):
        client = self.connected()
        client.send("/nowhere", "hello", headers={"receipt": "lost"})
        error = client.inbox.next("error")
        self.assertEqual(error.headers["code"], "unknown-destination")
        self.assertEqual(error.headers["receipt-id"], "lost")
        client.inbox.next("disconnected")

    def test_rv_14_handlers_and_user_destinations(self):
        client = self.connected()
        client.subscribe("/user/queue/echo", "echo")
        client.subscribe("/user/queue/errors", "errors")
        client.send("/app/echo", "hello")
        self.assertEqual(client.message().body, "hello")
        client.send("/app/fail", "on purpose")
        message = client.message()
        self.assertEqual((message.headers["subscription"], message.body), ("errors", "it failed: on purpose"))

    def test_tcp_006_clients_over_tcp_and_websockets_see_each_other(self):
        clients = [self.connected()]
        for other in [over_tcp(testbed, "1.1"), over_websocket(testbed, "1.2")]:
            client = Client(other)
            self.addCleanup(client.close)
            client.connect()
            clients.append(client)
        for client in clients:
            client.subscribe(self.destination())
        for number, sender in enumerate(clients):
            sender.send(self.destination(), str(number))
            self.assertEqual([client.message().body for client in clients], [str(number)] * 3)


class Escapes:
    """What STOMP 1.1 and later have."""

    def test_cod_019_enc_002_headers_come_back_as_they_were(self):
        client = self.connected()
        client.subscribe(self.destination())
        values = ["a:b:c", "a\nb\n", "back\\slash", "\\n", "\\\\c:"]
        if self.version == "1.2":
            values += ["a\rb\r\n", "\\r"]
        for value in values:
            client.send(self.destination(), headers={"key": value})
            self.assertEqual(client.message().headers["key"], value)

    def test_hb_008_hb_010_heart_beats(self):
        client = self.client(heartbeats=(1000, 1000))
        self.assertEqual(client.connect()["heart-beat"], "1000,1000")
        for _ in range(3):
            client.inbox.next("heart-beat")
        client.confirmed(lambda it: client.send(self.destination(), headers=it))
        self.assertTrue(client.inbox.is_empty("heart-beat lost"))
        self.assertTrue(client.inbox.is_empty("disconnected"))

    def test_hb_023_the_wishes_of_its_own_suite(self):
        sends, wants = self.client(heartbeats=(2000, 3000)).connect()["heart-beat"].split(",")
        self.assertTrue(int(sends) > 0 and int(wants) > 0)

    def test_neg_014_connect_in_place_of_stomp(self):
        self.assertEqual(self.client().connect(with_connect_command=True)["version"], self.version)


class Tcp10(Rules, unittest.TestCase):
    open = staticmethod(over_tcp)
    version = "1.0"

    def test_neg_018_without_a_login(self):
        self.assertNotIn("user-name", self.client().connect(None, None))

    def test_sub_015_without_a_subscription_id(self):
        client = self.connected()
        client.confirmed(lambda it: client.connection.subscribe(self.destination(), headers=it))
        client.send(self.destination(), "hello")
        message = client.message()
        self.assertEqual(message.body, "hello")
        self.assertNotIn("subscription", message.headers)


class Tcp11(Rules, Escapes, unittest.TestCase):
    open = staticmethod(over_tcp)
    version = "1.1"


class Tcp12(Rules, Escapes, unittest.TestCase):
    open = staticmethod(over_tcp)
    version = "1.2"

    def test_the_server_tells_its_clients_that_it_stops(self):
        stopped = Testbed()
        client = Client(over_tcp(stopped, "1.2"))
        client.connect()
        self.assertEqual(stopped.stop(), 0)
        self.assertEqual(client.inbox.next("error").headers["code"], "shutdown")
        client.inbox.next("disconnected")


class WebSocket12(Rules, Escapes, unittest.TestCase):
    """WS-027: no sub-protocol is offered."""

    open = staticmethod(over_websocket)
    version = "1.2"


if __name__ == "__main__":
    unittest.main()
