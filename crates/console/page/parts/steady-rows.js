// Rows of a list that stay in place while something is done to one of them and a moment longer, so that a second click hits no other.

/** For so many milliseconds after a click on a row, others on it belong to it. */
const TOGETHER = 500;

/** For how long rows stay when all is done, and at the longest while the pointer rests on their buttons. */
const STAY = 2000;
const LONGEST = 6000;

/** @template Row */
export class SteadyRows {
  /** As they are shown; null until they are known. @type {Row[]} */
  all = null;
  #view;
  #idOf;
  #read;
  /** By its id, each row to which something is being done or was just now, and when it was last clicked. */
  #busy = new Map();
  #left = new Set();
  #timer = null;
  #heldSince = 0;

  /** Rows of a view, known by `idOf`; `read` is called to have them anew when they need not stay any longer. */
  constructor(view, idOf, read) {
    this.#view = view;
    this.#idOf = idOf;
    this.#read = read;
  }

  /** Takes what the server has now. While rows stay, what is new waits and what is gone is only marked. @param {Row[]} fresh */
  take(fresh) {
    const byId = new Map(fresh.map((row) => [this.#idOf(row), row]));
    if (this.#timer === null || this.all === null) {
      this.all = fresh;
      this.#left.clear();
    } else {
      this.all = this.all.map((row) => byId.get(this.#idOf(row)) ?? row);
      this.#left = new Set(this.all.map(this.#idOf).filter((id) => !byId.has(id)));
    }
  }

  /** Puts a row in its place as it is now. @param {Row} changed */
  put(changed) {
    this.all = this.all.map((row) => (this.#idOf(row) === this.#idOf(changed) ? changed : row));
    this.#view.update();
  }

  /** Whether the list has no such row any more, which is shown only for a moment. */
  hasLeft(id) {
    return this.#left.has(id);
  }

  /** Whether clicks on a row do not count, for something is done to it. */
  isBusy(id) {
    return this.#busy.has(id);
  }

  /** Does something to a row, once, however often it is clicked. */
  async act(id, action) {
    const going = this.#busy.get(id);
    if (going) {
      going.clickedAt = performance.now();
      return;
    }
    const click = { clickedAt: performance.now() };
    this.#busy.set(id, click);
    this.stay();
    this.#view.update();
    try {
      await action();
    } finally {
      await this.#quiet(click);
      this.#busy.delete(id);
      this.stay();
      this.#view.update();
    }
  }

  async #quiet(click) {
    for (;;) {
      const left = click.clickedAt + TOGETHER - performance.now();
      if (left <= 0) return;
      await new Promise((resolve) => setTimeout(resolve, left));
    }
  }

  /** Lets the rows stay for a while. */
  stay() {
    this.#heldSince = performance.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#move(), STAY);
  }

  /** Lets them go, for the person has asked for others. */
  letGo() {
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  #move() {
    const rests = this.#view.querySelector(".row-tools:hover") !== null && performance.now() - this.#heldSince < LONGEST;
    if (this.#view.isConnected && (this.#busy.size > 0 || rests)) {
      this.#timer = setTimeout(() => this.#move(), STAY);
      return;
    }
    this.#timer = null;
    this.#read();
  }
}
