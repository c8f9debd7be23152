// What the page shows of one room: a tab, and the panel that belongs to it.

import { RoomConnection } from "./connection.js";

const MOST_MESSAGES = 200;
const words = {
  connecting: "Connecting…",
  connected: "Connected",
  reconnecting: "Reconnecting…",
  closed: "Closed",
};
const experiments = {
  long: () => JSON.stringify({ type: "say", text: "a".repeat(501) }),
  unreadable: () => '{ "type": "say", ',
  large: () => JSON.stringify({ type: "say", text: "a".repeat(5000) }),
  binary: () => new Uint8Array([1, 2, 3]),
};
const template = document.getElementById("panel-template");
let lastId = 0;

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  // Strings are added as text, never as HTML: names and messages are whatever someone typed.
  made.append(...children);
  return made;
}

export class Room {
  #connection;
  #members = [];
  #state;
  #unread = 0;
  /** What we have said, and not read back yet. */
  #pending = null;
  #parts;

  /** `onLeave(room)` is called when the person has left. */
  constructor(room, name, onLeave) {
    this.room = room;
    this.name = name;
    this.tab = this.#createTab();
    this.panel = template.content.firstElementChild.cloneNode(true);
    this.panel.id = `panel-${lastId}`;
    this.panel.setAttribute("aria-labelledby", this.tab.id);
    this.tab.setAttribute("aria-controls", this.panel.id);
    this.#parts = {
      status: this.panel.querySelector(".status"),
      notice: this.panel.querySelector(".notice"),
      messages: this.panel.querySelector(".messages"),
      members: this.panel.querySelector(".members ul"),
      input: this.panel.querySelector(".say input"),
      send: this.panel.querySelector(".say button"),
      error: this.panel.querySelector(".say .error"),
      again: this.panel.querySelector(".again"),
      experiments: [...this.panel.querySelectorAll("[data-experiment]")],
    };
    this.#label();
    this.#connection = new RoomConnection(room, name, {
      state: (state, notice) => this.#show(state, notice),
      message: (message) => this.#receive(message),
    });
    this.#listen(onLeave);
    this.#connection.open();
  }

  select(isSelected) {
    this.tab.setAttribute("aria-selected", String(isSelected));
    this.tab.tabIndex = isSelected ? 0 : -1;
    this.panel.hidden = !isSelected;
    if (!isSelected) return;
    this.#unread = 0;
    this.#showUnread();
    this.#parts.messages.scrollTop = this.#parts.messages.scrollHeight;
  }

  focus() {
    const { input, again } = this.#parts;
    (this.#state === "closed" ? again : input).focus();
  }

  #createTab() {
    const tab = element(
      "button",
      { type: "button", id: `tab-${++lastId}`, role: "tab" },
      element("span", { className: "dot" }),
      element("span", { className: "room" }, this.room),
      element("span", { className: "as" }, `as ${this.name}`),
      element("span", { className: "unread", hidden: true }),
    );
    return tab;
  }

  #label() {
    const { messages, members, input, error } = this.#parts;
    const [title, membersTitle] = this.panel.querySelectorAll("h2, h3");
    title.append(this.room);
    membersTitle.id = `members-title-${lastId}`;
    members.setAttribute("aria-labelledby", membersTitle.id);
    messages.setAttribute("aria-label", `Messages in ${this.room}`);
    input.setAttribute("aria-label", `Message to ${this.room}`);
    error.id = `error-${lastId}`;
    input.setAttribute("aria-describedby", error.id);
  }

  #listen(onLeave) {
    const { input, again } = this.#parts;
    this.panel.querySelector(".leave").addEventListener("click", () => {
      this.#connection.leave();
      onLeave(this);
    });
    again.addEventListener("click", () => {
      this.#connection.open();
      input.focus();
    });
    this.panel.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      // What was said is back within moments: until then, Enter does not say it again.
      if (this.#state !== "connected" || this.#pending !== null) return;
      this.#showError("");
      this.#pending = input.value;
      this.#connection.send({ type: "say", text: input.value });
    });
    input.addEventListener("input", () => this.#showError(""));
    for (const button of this.#parts.experiments) {
      button.addEventListener("click", () => {
        this.#showError("");
        this.#connection.sendRaw(experiments[button.dataset.experiment]());
      });
    }
  }

  #show(state, notice = "") {
    const { status, input, send, again, experiments } = this.#parts;
    this.#state = state;
    this.#pending = null;
    this.tab.dataset.state = status.dataset.state = state;
    status.textContent = words[state];
    this.tab.title = words[state];
    this.#parts.notice.textContent = notice;
    this.#parts.notice.hidden = !notice;
    // The field stays open: what someone types while the connection is away is not lost.
    for (const button of [send, ...experiments]) button.disabled = state !== "connected";
    again.hidden = state !== "closed";
    input.placeholder = state === "connected" ? "Say something" : "Not connected";
    if (state !== "connected") {
      this.#members = [];
      this.#showMembers();
      this.#showError("");
    }
  }

  /** Each message of the server, by its type. */
  #receive(message) {
    switch (message.type) {
      case "welcome":
        this.#members = message.members;
        this.#tell(`You are in ${this.room}, as ${this.name}.`);
        break;
      case "joined":
        this.#members.push(message.name);
        this.#tell(`${message.name} has joined.`);
        break;
      case "left":
        this.#members = this.#members.filter((name) => name !== message.name);
        this.#tell(message.removed ? `${message.name} was asked to leave.` : `${message.name} has left.`);
        break;
      case "said":
        this.#said(message);
        break;
      case "refused":
        this.#pending = null;
        this.#showError(message.text);
        break;
    }
    this.#showMembers();
  }

  #said({ name, text }) {
    const { input } = this.#parts;
    const isOwn = name === this.name;
    if (isOwn && this.#pending !== null) {
      // Unless the person types on already.
      if (input.value === this.#pending) input.value = "";
      this.#pending = null;
    }
    const line = this.#add(element("span", { className: "who" }, name), element("span", { className: "text" }, text));
    line.classList.toggle("own", isOwn);
    if (this.panel.hidden) {
      this.#unread += 1;
      this.#showUnread();
    }
  }

  /** What happens in the room, beside what is said. */
  #tell(text) {
    this.#add(element("span", { className: "text" }, text)).className = "event";
  }

  #add(...children) {
    const { messages } = this.#parts;
    const isAtEnd = messages.scrollHeight - messages.scrollTop - messages.clientHeight < 40;
    const now = new Date();
    const time = element("time", { dateTime: now.toISOString() }, now.toLocaleTimeString([], { timeStyle: "short" }));
    const line = element("li", {}, ...children, time);
    messages.append(line);
    while (messages.children.length > MOST_MESSAGES) messages.firstElementChild.remove();
    // Whoever reads what was said before is not torn away from it.
    if (isAtEnd) messages.scrollTop = messages.scrollHeight;
    return line;
  }

  #showMembers() {
    const isHost = this.#members[0] === this.name;
    this.#parts.members.replaceChildren(
      ...this.#members.map((name, index) => {
        const item = element("li", {}, element("span", { className: "name" }, name));
        const role = [name === this.name && "you", index === 0 && "host"].filter(Boolean).join(", ");
        if (role) item.append(element("span", { className: "role" }, role));
        if (isHost && name !== this.name) {
          const remove = element("button", { type: "button", className: "quiet" }, "Remove");
          remove.setAttribute("aria-label", `Remove ${name}`);
          remove.addEventListener("click", () => this.#connection.send({ type: "remove", name }));
          item.append(remove);
        }
        return item;
      }),
    );
  }

  #showError(text) {
    const { error, input } = this.#parts;
    error.textContent = text;
    input.setAttribute("aria-invalid", String(Boolean(text)));
  }

  #showUnread() {
    const unread = this.tab.querySelector(".unread");
    unread.textContent = String(this.#unread);
    unread.hidden = this.#unread === 0;
    unread.setAttribute("aria-label", `${this.#unread} new`);
  }
}
