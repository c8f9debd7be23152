// The table of positions, and their total.

import { count, direction, money, showChange } from "./format.js";

/** How many prices the trend shows. */
const MOST_PRICES = 40;

const body = document.getElementById("positions");
const template = document.getElementById("position");
const empty = document.getElementById("empty");
const total = document.getElementById("total");
const totalChange = document.getElementById("total-change");

export class Positions {
  /** By ticker. */
  #rows = new Map();
  #onTrade;

  /** `onTrade(position)` is called when somebody wants to trade. */
  constructor(onTrade) {
    this.#onTrade = onTrade;
  }

  /** Shows these positions and no others. */
  replace(positions) {
    const tickers = new Set(positions.map((position) => position.ticker));
    for (const [ticker, row] of this.#rows) {
      if (tickers.has(ticker)) continue;
      row.remove();
      this.#rows.delete(ticker);
    }
    for (const position of positions) this.#show(position);
    empty.textContent = "You own no stocks yet.";
    empty.hidden = positions.length > 0;
    this.#showTotal();
  }

  /** Shows what an order has made of a position. */
  update(position) {
    this.#show(position).highlight();
    empty.hidden = true;
    this.#showTotal();
  }

  /** Shows a new price, if the stock is in the table. */
  quote(quote) {
    const row = this.#rows.get(quote.ticker);
    if (!row) return;
    row.show({ ...row.position, ...quote });
    this.#showTotal();
  }

  /** The position as it is now. */
  get(ticker) {
    return this.#rows.get(ticker)?.position;
  }

  #show(position) {
    let row = this.#rows.get(position.ticker);
    if (!row) {
      row = new Row(position.ticker, () => this.#onTrade(row.position));
      this.#rows.set(position.ticker, row);
      row.insert(body);
    }
    row.show(position);
    return row;
  }

  #showTotal() {
    let value = 0;
    let change = 0;
    for (const { position } of this.#rows.values()) {
      value += position.price * position.shares;
      change += position.change * position.shares;
    }
    total.textContent = money(value);
    showChange(totalChange, change, value);
  }
}

class Row {
  position;
  #element;
  #cells = {};
  #trend;
  #prices = [];

  constructor(ticker, onTrade) {
    this.#element = template.content.cloneNode(true).querySelector("tr");
    for (const name of ["ticker", "company", "price", "change", "shares", "value"]) {
      this.#cells[name] = this.#element.querySelector(`.${name}`);
    }
    this.#trend = this.#element.querySelector("polyline");
    this.#element.dataset.ticker = ticker;
    const button = this.#element.querySelector("button");
    button.setAttribute("aria-label", `Trade ${ticker}`);
    button.addEventListener("click", onTrade);
  }

  /** Puts the row where its ticker belongs. */
  insert(parent) {
    const { ticker } = this.#element.dataset;
    const next = [...parent.children].find((row) => row.dataset.ticker > ticker);
    parent.insertBefore(this.#element, next ?? null);
  }

  remove() {
    this.#element.remove();
  }

  show(position) {
    const before = this.position;
    this.position = position;
    const { ticker, company, price, change, shares, value } = this.#cells;
    ticker.textContent = position.ticker;
    company.textContent = position.company;
    shares.textContent = count(position.shares);
    value.textContent = money(position.price * position.shares);
    showChange(change, position.change, position.price);
    if (before?.price === position.price) return;
    this.#showPrice(price, before ? direction(position.price - before.price) : "same");
    this.#showTrend();
  }

  /** Draws attention to the row, because its user has traded. */
  highlight() {
    this.#element.classList.remove("new");
    // The animation starts again only if the style was computed without it.
    void this.#element.offsetWidth;
    this.#element.classList.add("new");
  }

  #showPrice(cell, moved) {
    // A new element, so that its animation starts anew.
    const price = document.createElement("span");
    price.className = "tick";
    price.dataset.moved = moved;
    price.textContent = money(this.position.price);
    cell.replaceChildren(price);
  }

  #showTrend() {
    this.#prices.push(this.position.price);
    if (this.#prices.length > MOST_PRICES) this.#prices.shift();
    const lowest = Math.min(...this.#prices);
    const range = Math.max(...this.#prices) - lowest || 1;
    const step = 96 / (MOST_PRICES - 1);
    const offset = MOST_PRICES - this.#prices.length;
    const points = this.#prices.map((price, index) => {
      const y = 25 - (22 * (price - lowest)) / range;
      return `${((offset + index) * step).toFixed(1)},${y.toFixed(1)}`;
    });
    this.#trend.setAttribute("points", points.join(" "));
  }
}
