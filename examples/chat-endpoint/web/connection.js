// The connection to one room: a WebSocket, and its next ones when it is lost.

const RECONNECT_SECONDS = 2;

/** Why a connection was closed, where the server gives no words of its own. */
const reasons = {
  1000: "The connection was closed",
  1001: "The server is going away",
  1002: "The protocol was violated",
  1003: "The endpoint does not take this kind of message",
  1006: "The connection was lost, or the server can't be reached",
  1007: "The message is not valid text",
  1008: "The message is against a policy of the server",
  1009: "The message is too big",
  1011: "The server has met with an error",
};

/** Those after which it is worth trying again: nobody meant this connection in particular. */
const passing = [1001, 1006, 1012, 1013];

export class RoomConnection {
  #url;
  #handlers;
  #socket = null;
  #timer = null;

  /**
   * `handlers` has `state(state, notice)`, with the states `connecting`, `connected`, `reconnecting` and `closed`, and
   * `message(message)` for each message of the server.
   */
  constructor(room, name, handlers) {
    this.#url = new URL(`/chat/${encodeURIComponent(room)}`, location.href);
    this.#url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    this.#url.searchParams.set("name", name);
    this.#handlers = handlers;
  }

  open() {
    this.#handlers.state("connecting");
    this.#connect();
  }

  /** Sends a message of the room's protocol. */
  send(message) {
    this.sendRaw(JSON.stringify(message));
  }

  /** Sends anything: text, or bytes. */
  sendRaw(data) {
    this.#socket?.send(data);
  }

  /** Leaves the room; no handler is called any more. */
  leave() {
    clearTimeout(this.#timer);
    // A browser's page can close with 1000, and with what is left to applications: 3000 to 4999.
    this.#socket?.close(1000, "left");
    this.#socket = null;
  }

  #connect() {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      if (this.#socket !== socket) return;
      const message = JSON.parse(data);
      // The server lets us in with its first message, not with the WebSocket: a name may be taken.
      if (message.type === "welcome") this.#handlers.state("connected");
      this.#handlers.message(message);
    };
    socket.onclose = ({ code, reason }) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      const why = reason || reasons[code] || "No reason was given";
      const notice = `Closed with ${code}: ${why.replace(/\.$/, "")}.`;
      if (passing.includes(code)) {
        this.#handlers.state("reconnecting", `${notice} Trying again every ${RECONNECT_SECONDS} seconds.`);
        this.#timer = setTimeout(() => this.#connect(), RECONNECT_SECONDS * 1000);
      } else {
        this.#handlers.state("closed", notice);
      }
    };
  }
}
