// Pages of a list.

import { t } from "../language.js";
import { html, nothing } from "../view.js";

/**
 * Buttons to the page before and after, below a list, and before them what else stands there; `turn` is called with the number of the page.
 * @param {Meta} meta @param {unknown} [beside]
 */
export function pager(meta, turn, beside = nothing) {
  const turns = meta && meta.last_page > 1;
  return turns || beside !== nothing ? html`<footer>${beside} ${turns ? buttons(meta, turn) : nothing}</footer>` : nothing;
}

/** @param {Meta} meta */
function buttons({ current_page: page, last_page: last, total }, turn) {
  return html`
    <nav class="pager push" data-focus="button:enabled" aria-label=${t("pages")}>
      <button type="button" class="button little" ?disabled=${page <= 1} @click=${() => turn(page - 1)}>${t("pageBefore")}</button>
      <span>${t("pageOf", { page, last, total })}</span>
      <button type="button" class="button little" ?disabled=${page >= last} @click=${() => turn(page + 1)}>${t("pageAfter")}</button>
    </nav>
  `;
}

/** How many there are, beside the heading and for who does not see it. @param {Meta} meta */
export function countOf(meta) {
  return html`<span class="quiet" role="status">${meta ? t("found", meta) : nothing}</span>`;
}
