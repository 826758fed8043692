// Icons of one stroke, in the colour of the words beside them. Their shapes stand once in index.html.

import { html } from "../view.js";

/** An icon by the name of its symbol; what it means stands in words beside it or in the name of its button. */
export function icon(name) {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><use href="#i-${name}"></use></svg>`;
}

/** Dialtime's mark. */
export function mark() {
  return html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><use href="#mark"></use></svg>`;
}
