// Buttons that move a row of a list up and down. The focus goes with the row, so that several steps are several presses of one key.

import { html } from "../view.js";
import { t } from "../language.js";

/** A list with one of its items elsewhere. @template T @param {T[]} list */
export function moved(list, from, to) {
  return list.toSpliced(from, 1).toSpliced(to, 0, list[from]);
}

/** Puts the focus on a button of a row once the row is drawn in its new place; on the other one where the row can go no further. */
function follow(view, key, side) {
  requestAnimationFrame(() => {
    const row = view.querySelector(`[data-key="${key}"]`);
    const button = row?.querySelector(`button.${side}:not(:disabled)`) ?? row?.querySelector("button.order:not(:disabled)");
    button?.focus();
  });
}

/**
 * @param {HTMLElement} view what holds the rows, each with its key as `data-key`
 * @param {{ key: number, index: number, count: number, name: string, move: (to: number) => void }} row
 */
export function orderButtons(view, { key, index, count, name, move }) {
  const go = (to, side) => () => {
    move(to);
    follow(view, key, side);
  };
  return html`
    <button type="button" class="button plain little square order up" aria-label=${t("moveUp", { name })} title=${t("moveUp", { name })} ?disabled=${index === 0} @click=${go(index - 1, "up")}>↑</button>
    <button type="button" class="button plain little square order down" aria-label=${t("moveDown", { name })} title=${t("moveDown", { name })} ?disabled=${index === count - 1} @click=${go(index + 1, "down")}>↓</button>
  `;
}
