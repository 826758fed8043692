// What stands where there is nothing yet: lines in the shape of what comes, and a word of what could be there.

import { t } from "../language.js";
import { html, nothing } from "../view.js";
import { icon } from "./icon.js";

const LINES = ["w2", "w3", "w1"];

/** While a list is read. */
export function loading() {
  return html`
    <div class="bones" role="status">
      <span class="visually-hidden">${t("loading")}</span>
      ${LINES.map((width) => html`<i class="bone ${width}"></i>`)}
    </div>
  `;
}

/** An empty list, and what can be done about it. @param {string} sign @param {string} text @param {unknown} [action] */
export function empty(sign, text, action = nothing) {
  return html`<div class="empty">${icon(sign)}<b>${text}</b>${action}</div>`;
}
