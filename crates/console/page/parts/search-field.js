// The field above a list in which one types what to look for.

import { html, live } from "../view.js";

/** Shows `value`; `typed` is called with what is in it after each key. @param {string} label @param {string} value */
export function searchField(label, value, typed) {
  return html`
    <input
      type="search"
      class="field search"
      autocomplete="off"
      placeholder=${label}
      aria-label=${label}
      .value=${live(value)}
      @input=${(event) => typed(event.target.value)}
    />
  `;
}
