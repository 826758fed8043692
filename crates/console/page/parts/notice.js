// What the page says in passing: that something was done, or could not be.

import { CODE, Refusal } from "../api.js";
import { t } from "../language.js";
import { View, define, html, nothing, repeat } from "../view.js";
import { icon } from "./icon.js";

/** How long a notice stays. A refusal stays until the next or until it is put away. */
const STAYS = 5000;

const told = new EventTarget();

/** Says that something went well. */
export function say(text) {
  told.dispatchEvent(new CustomEvent("notice", { detail: { text, bad: false } }));
}

/**
 * Says why something was refused; that the token no longer holds ends the session. Anything else that is thrown is a fault of the
 * page and is passed on.
 */
export function complain(error) {
  if (error.name === "AbortError") return;
  if (!(error instanceof Refusal)) throw error;
  // Told where one signs in again; a notice would outlast that.
  if (error.code === CODE.token) document.dispatchEvent(new CustomEvent("token-refused", { detail: error }));
  else told.dispatchEvent(new CustomEvent("notice", { detail: { text: refusalText(error), bad: true, away: error.code === CODE.unreachable } }));
}

/** Takes back that the server cannot be reached. */
export function reached() {
  told.dispatchEvent(new Event("reached"));
}

/** A refusal in a sentence. */
export function refusalText(refusal) {
  if (refusal.code === CODE.unreachable) return t("unreachable");
  const faults = refusal.faults.map(({ field, message }) => `${field}${t("colon")}${message}`);
  return [refusal.message, ...faults].join(t("colon"));
}

class NoticeLine extends View {
  /** @type {{ text: string, bad: boolean, away?: boolean }} */
  #notice = null;
  #timer = null;

  start() {
    told.addEventListener("notice", ({ detail }) => this.#show(detail), { signal: this.signal });
    told.addEventListener("reached", () => this.#notice?.away && this.#show(null), { signal: this.signal });
  }

  draw() {
    // What speaks must be there before it has something to say, and say the same again when it happens again.
    const shown = repeat(this.#notice ? [this.#notice] : [], (notice) => notice, (notice) => this.#box(notice));
    return html`
      <div role="status">${this.#notice?.bad ? nothing : shown}</div>
      <div role="alert">${this.#notice?.bad ? shown : nothing}</div>
    `;
  }

  #box({ text, bad }) {
    return html`
      <div class=${bad ? "notice toast bad" : "notice toast"}>
        ${icon(bad ? "warn" : "check")}
        <span>${text}</span>
        <button type="button" class="button little" @click=${() => this.#show(null)}>${t("dismiss")}</button>
      </div>
    `;
  }

  #show(notice) {
    clearTimeout(this.#timer);
    this.#notice = notice;
    if (notice && !notice.bad) this.#timer = setTimeout(() => this.#show(null), STAYS);
    this.update();
  }
}

define("notice-line", NoticeLine);
