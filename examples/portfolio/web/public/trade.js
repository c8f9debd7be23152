// The dialog for an order. It stays open until the server has accepted the order, and shows why it did not.

import { money, shares as inShares } from "./format.js";

const dialog = document.getElementById("trade");
const form = document.getElementById("trade-form");
const title = document.getElementById("trade-title");
const priceNow = document.getElementById("trade-price");
const shares = document.getElementById("shares");
const error = document.getElementById("trade-error");
const estimate = document.getElementById("trade-estimate");
const cancel = document.getElementById("trade-cancel");
const send = document.getElementById("trade-send");

export class TradeDialog {
  #position;
  #isConnected = false;
  #isSending = false;

  /** `order(trade)` returns a promise of why the order was refused, or of nothing. */
  constructor(order) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send(order);
    });
    form.addEventListener("input", () => {
      this.#showError("");
      this.#showEstimate();
    });
    cancel.addEventListener("click", () => dialog.close());
  }

  open(position) {
    form.reset();
    this.#showError("");
    title.textContent = `Trade ${position.ticker}`;
    this.#show(position);
    dialog.showModal();
    shares.focus();
  }

  /** Shows the position as it is now, if the dialog is about it. */
  update(position) {
    if (dialog.open && position?.ticker === this.#position.ticker) this.#show(position);
  }

  set connected(isConnected) {
    this.#isConnected = isConnected;
    this.#showWhetherReady();
  }

  #show(position) {
    this.#position = position;
    const owned = position.shares === 0 ? "none" : inShares(position.shares);
    priceNow.textContent = `${position.company} at ${money(position.price)}. You own ${owned}.`;
    this.#showEstimate();
  }

  #showEstimate() {
    const number = shares.valueAsNumber;
    const sells = form.elements.action.value === "sell";
    estimate.textContent =
      number > 0
        ? `${sells ? "Brings" : "Costs"} about ${money(number * this.#position.price)}.`
        : "The server checks the number: try what it says to one that is wrong.";
  }

  #showError(text) {
    error.textContent = text;
    shares.setAttribute("aria-invalid", String(Boolean(text)));
  }

  #showWhetherReady() {
    send.disabled = !this.#isConnected || this.#isSending;
  }

  async #send(order) {
    if (send.disabled) return;
    this.#isSending = true;
    this.#showWhetherReady();
    this.#showError("");
    try {
      const refused = await order({
        ticker: this.#position.ticker,
        action: form.elements.action.value,
        // Nothing, or what is no number, is no share.
        shares: shares.valueAsNumber || 0,
      });
      if (refused) {
        this.#showError(refused);
        shares.select();
      } else {
        dialog.close();
      }
    } catch (lost) {
      this.#showError(lost.message);
    } finally {
      this.#isSending = false;
      this.#showWhetherReady();
    }
  }
}
