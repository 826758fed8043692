// What saving a draft of a group would mean, asked of the server whenever the draft has changed.

import { CODE } from "./api.js";
import { complain } from "./parts/notice.js";
import { Latest, settled } from "./view.js";

/** How long a draft rests before the server is asked. */
const REST = 200;

/** @template {Pick<Data<"preview_group">, "stopping" | "starting">} Effects */
export class Lookahead {
  /** The latest answer; null where there is none, for the draft is faulty. @type {Effects} */
  answer = null;
  #view;
  #ask;
  /** What is wanted, and what names it; and the name of what is answered. */
  #body = null;
  #wanted = null;
  #known = null;
  #waiting = [];
  #reading = new Latest();
  #askSoon = settled(REST, () => this.#askNow());

  /** `ask` fetches the answer to a body. @param {(body: any, options: Options) => Promise<{ data: Effects }>} ask */
  constructor(view, ask) {
    this.#view = view;
    this.#ask = ask;
  }

  /** Whether the answer is about what is wanted. */
  get isKnown() {
    return this.#known === this.#wanted;
  }

  /** Wants to know of a body, as an edit of a version; null is one that is plainly faulty, of which there is nothing to know. */
  want(body, version) {
    const name = `${version} ${JSON.stringify(body)}`;
    if (name === this.#wanted) return;
    [this.#body, this.#wanted] = [body, name];
    if (body === null) [this.#known, this.answer] = [name, null];
    else this.#askSoon();
  }

  /** Waits until it is known. */
  async known() {
    while (!this.isKnown) await new Promise((resolve) => this.#waiting.push(resolve));
  }

  /**
   * Whether a person who saves could see which tasks stop or start. Who presses before that is known is shown it first, by `show`.
   * @param {() => void} show
   */
  async isSeen(show) {
    if (this.isKnown) return true;
    await this.known();
    if (!this.answer || this.answer.stopping.total + this.answer.starting.total === 0) return true;
    show();
    return false;
  }

  async #askNow() {
    const wanted = this.#wanted;
    if (!this.#view.isConnected || this.isKnown) return;
    try {
      const { data } = await this.#ask(this.#body, this.#reading.instead(this.#view.signal));
      if (wanted === this.#wanted) this.#learn(wanted, data);
    } catch (error) {
      // What is wrong with it is said when it is saved.
      if (error.code === CODE.token) complain(error);
      else if (error.name !== "AbortError" && wanted === this.#wanted) this.#learn(wanted, null);
    }
  }

  #learn(known, answer) {
    this.#known = known;
    this.answer = answer;
    this.#waiting.splice(0).forEach((resolve) => resolve());
    this.#view.update();
  }
}
