// The page of the chat endpoint: WebSockets as browsers have them, without any library.

import { Room } from "./room.js";

const byId = (id) => document.getElementById(id);
const name = byId("name");
const roomName = byId("room");
const joinError = byId("join-error");
const tabs = byId("tabs");
const panels = byId("panels");
const empty = byId("empty");

/** In the order in which they were joined. */
let rooms = [];

function select(selected, { focus = false } = {}) {
  for (const room of rooms) room.select(room === selected);
  if (focus) selected.focus();
}

function showRooms() {
  byId("joined").hidden = rooms.length === 0;
  empty.hidden = rooms.length > 0;
}

function showJoinError(text, field) {
  joinError.textContent = text;
  for (const input of [name, roomName]) input.setAttribute("aria-invalid", String(input === field));
  field?.focus();
}

function add(room) {
  rooms.push(room);
  tabs.append(room.tab);
  panels.append(room.panel);
  room.tab.addEventListener("click", () => select(room));
  showRooms();
  select(room, { focus: true });
}

function remove(room) {
  const index = rooms.indexOf(room);
  rooms = rooms.filter((other) => other !== room);
  room.tab.remove();
  room.panel.remove();
  showRooms();
  if (rooms.length > 0) {
    select(rooms[Math.min(index, rooms.length - 1)]);
    tabs.querySelector("[aria-selected=true]").focus();
  } else {
    roomName.focus();
  }
}

byId("join-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const [who, where] = [name.value.trim(), roomName.value.trim()];
  if (!who) return showJoinError("Please give a name.", name);
  if (!where) return showJoinError("Please name a room.", roomName);
  showJoinError("");
  add(new Room(where, who, remove));
});

for (const input of [name, roomName]) input.addEventListener("input", () => showJoinError(""));

// The tabs are one stop of the Tab key; the arrows go from one to the next.
tabs.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const index = rooms.findIndex((room) => room.tab === event.target);
  const next = rooms.at((index + step) % rooms.length);
  select(next);
  next.tab.focus();
});
