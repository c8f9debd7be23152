// The list of what has happened, the newest at its end.

const MOST_ENTRIES = 500;
const list = document.getElementById("log");
const empty = document.getElementById("empty");
const clearButton = document.getElementById("clear-button");

/** What a screen reader reads in place of an entry's mark. */
const marks = {
  state: ["•", "Connection"],
  sent: ["↑", "Sent"],
  received: ["↓", "Received"],
  request: ["⇄", "Request"],
  closed: ["×", "Closed"],
};

/** Adds an entry: its kind, its text, and what is said beside it. */
export function log(kind, text, detail = "") {
  const [mark, word] = marks[kind];
  const now = new Date();
  const time = document.createElement("time");
  time.dateTime = now.toISOString();
  time.textContent = now.toLocaleTimeString([], { timeStyle: "medium" });
  const sign = part("mark", mark);
  sign.setAttribute("role", "img");
  sign.setAttribute("aria-label", word);
  const item = document.createElement("li");
  item.className = kind;
  item.append(sign, part("text", text), part("detail", detail), time);

  const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  list.append(item);
  while (list.children.length > MOST_ENTRIES) list.firstElementChild.remove();
  // Whoever reads what was before is not torn away from it.
  if (isAtEnd) list.scrollTop = list.scrollHeight;
  showWhetherEmpty();
}

function part(className, text) {
  const made = document.createElement("span");
  made.className = className;
  // As text, never as HTML: what comes back is whatever someone sent.
  made.textContent = text;
  return made;
}

function showWhetherEmpty() {
  const isEmpty = list.children.length === 0;
  empty.hidden = !isEmpty;
  clearButton.hidden = isEmpty;
}

clearButton.addEventListener("click", () => {
  list.replaceChildren();
  showWhetherEmpty();
});
