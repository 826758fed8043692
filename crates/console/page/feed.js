// The events of an account as they happen: one connection, which comes again by itself.
//
// EventSource cannot send a token in a header, and an address is no place for one; so the stream is read here
// (https://html.spec.whatwg.org/multipage/server-sent-events.html).

import { CODE } from "./api.js";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;

/**
 * Tells `event` for each, `state` when `live` changes, and `refused` when the server will have no more of it.
 *
 * It follows only while the page is seen, for browsers open few connections to one server. Events in between are missed: read again
 * when it is live.
 */
export class Feed extends EventTarget {
  #api;
  #life = new AbortController();
  #connection = new AbortController();
  live = false;

  constructor(api) {
    super();
    this.#api = api;
    document.addEventListener("visibilitychange", () => this.#turn(), this.#life);
    this.#turn();
  }

  close() {
    this.#life.abort();
    this.#connection.abort();
  }

  #turn() {
    this.#connection.abort();
    this.#say(false);
    if (document.hidden) return;
    this.#connection = new AbortController();
    this.#follow(this.#connection.signal);
  }

  async #follow(signal) {
    let wait = FIRST_WAIT;
    while (!signal.aborted) {
      try {
        const stream = await this.#api.eventStream({ signal });
        this.#say(true);
        wait = FIRST_WAIT;
        await this.#read(stream);
      } catch (refusal) {
        if (refusal.code === CODE.token || refusal.missing) return this.#stop(refusal);
      }
      if (signal.aborted) return;
      this.#say(false);
      await new Promise((resolve) => setTimeout(resolve, wait));
      wait = Math.min(2 * wait, LONGEST_WAIT);
    }
  }

  #stop(refusal) {
    this.#say(false);
    this.dispatchEvent(new CustomEvent("refused", { detail: refusal }));
  }

  async #read(stream) {
    const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const blocks = (rest + value).split(/\r?\n\r?\n/);
      rest = blocks.pop();
      blocks.forEach((block) => this.#take(block));
    }
  }

  /** A block of lines; one without data only says that the connection lives. */
  #take(block) {
    const lines = block.split(/\r?\n/).filter((line) => line.startsWith("data:"));
    if (lines.length === 0) return;
    const detail = JSON.parse(lines.map((line) => line.slice(5).trimStart()).join("\n"));
    this.dispatchEvent(new CustomEvent("event", { detail }));
  }

  #say(live) {
    if (this.live === live) return;
    this.live = live;
    this.dispatchEvent(new Event("state"));
  }
}
