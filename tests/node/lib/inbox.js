const PATIENCE_MS = 10_000;

/** What has arrived, in order. A test waits for the next item, and fails if none comes. */
export class Inbox {
  #items = [];
  #wake = null;

  put = (item) => {
    this.#items.push(item);
    this.#wake?.();
  };

  /** What is here already, without waiting. */
  takeAll() {
    return this.#items.splice(0);
  }

  async next(what = 'message') {
    if (this.#items.length === 0) {
      await within(new Promise((resolve) => (this.#wake = resolve)), what);
      this.#wake = null;
    }
    return this.#items.shift();
  }

  async take(count, what) {
    const items = [];
    while (items.length < count) items.push(await this.next(what));
    return items;
  }
}

/** The result of `promise`, which must come soon. */
export async function within(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no ${what} within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
