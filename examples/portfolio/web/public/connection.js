// The connection to the server: subscribes, orders, and connects again.

const RECONNECT_SECONDS = 2;
const url = new URL("portfolio", location.href);
url.protocol = location.protocol === "https:" ? "wss:" : "ws:";

/** An order whose fate is unknown, because the connection has ended. */
export class ConnectionLost extends Error {
  constructor() {
    super("The connection was lost. Look at your positions before you order again.");
  }
}

export class Connection {
  #client;
  #handlers;
  /** Why the server is about to close, as its ERROR frame says. */
  #reason = "";
  #orders = 0;
  /** The order that waits for its answer. */
  #order = null;
  #isOver = false;

  /**
   * `handlers` has a function for each message, `positions`, `quote`, `update` and `error`; and `connected`, `lost`,
   * `unreachable(why)` and `loggedOut`.
   */
  constructor(handlers) {
    this.#handlers = handlers;
    this.#client = new StompJs.Client({
      brokerURL: url.href,
      reconnectDelay: RECONNECT_SECONDS * 1000,
      connectionTimeout: 10_000,
      onConnect: () => this.#subscribe(),
      onStompError: (frame) => (this.#reason = frame.headers.message),
      onWebSocketClose: () => this.#closed(),
    });
  }

  get isConnected() {
    return this.#client.connected;
  }

  open() {
    this.#client.activate();
  }

  /** When the server closes the connection, it is not opened again. */
  expectEnd() {
    this.#isOver = true;
  }

  /** Sends an order; returns why it was refused, or nothing. */
  order(trade) {
    return new Promise((resolve, reject) => {
      if (!this.isConnected) {
        reject(new ConnectionLost());
        return;
      }
      const receipt = `order-${++this.#orders}`;
      const order = { reject, refused: undefined };
      this.#order = order;
      // The server handles the frames of a connection in order, and answers in order: whatever it says to be wrong
      // before the receipt is about this order.
      this.#client.watchForReceipt(receipt, () => {
        this.#order = null;
        resolve(order.refused);
      });
      this.#client.publish({
        destination: "/app/trade",
        headers: { "content-type": "application/json", receipt },
        body: JSON.stringify(trade),
      });
    });
  }

  // Subscriptions end with their connection, so each connection makes them anew.
  #subscribe() {
    const { positions, quote, update, error, connected } = this.#handlers;
    this.#client.subscribe("/user/queue/position-updates", (message) => update(JSON.parse(message.body)));
    this.#client.subscribe("/user/queue/errors", (message) => {
      if (this.#order) this.#order.refused = message.body;
      else error(message.body);
    });
    this.#client.subscribe("/topic/price.stock.*", (message) => quote(JSON.parse(message.body)));
    // The answer comes last: so nothing that changes afterwards is missed.
    this.#client.subscribe("/app/positions", (message) => {
      this.#reason = "";
      positions(JSON.parse(message.body));
      connected();
    });
  }

  async #closed() {
    this.#order?.reject(new ConnectionLost());
    this.#order = null;
    if (this.#isOver) {
      this.#client.deactivate();
      return;
    }
    this.#handlers.lost();
    let why = this.#reason ? `The server closed the connection: ${this.#reason}.` : "The connection was lost.";
    // A handshake without a login is refused like any other, as far as scripts can see: so ask.
    try {
      const response = await fetch("user");
      if (response.status === 403) {
        this.#client.deactivate();
        this.#handlers.loggedOut();
        return;
      }
    } catch {
      why = "The server can't be reached.";
    }
    if (!this.isConnected) this.#handlers.unreachable(`${why} Trying again every ${RECONNECT_SECONDS} seconds.`);
  }
}
