// The list of what has happened, newest first.

const MOST_ENTRIES = 50;

const list = document.getElementById("activity");

/** Adds an entry; `kind` is `sent`, `done` or `failed`. */
export function tell(text, kind) {
  const now = new Date();
  const time = document.createElement("time");
  time.dateTime = now.toISOString();
  time.textContent = now.toLocaleTimeString([], { timeStyle: "medium" });
  const words = document.createElement("span");
  words.textContent = text;
  const entry = document.createElement("li");
  entry.dataset.kind = kind;
  entry.append(words, time);
  list.prepend(entry);
  while (list.children.length > MOST_ENTRIES) list.lastElementChild.remove();
}
