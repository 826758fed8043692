// A file that a person chooses, or drops where it is wanted.

import { Directive, directive } from "../vendor/lit-html/directive.js";
import { html, nothing } from "../view.js";

/** On an element: a file that is dropped there is given to `choose`; while one is held over it, it shows that. */
export const fileDrop = directive(
  class extends Directive {
    /** @type {(file: File) => void} */
    #choose = null;

    render(_choose) {
      return nothing;
    }

    update({ element }, [choose]) {
      if (this.#choose === null) this.#listen(element);
      this.#choose = choose;
      return nothing;
    }

    #listen(element) {
      const hold = (over) => (event) => {
        event.preventDefault();
        element.classList.toggle("over-it", over);
      };
      element.addEventListener("dragover", hold(true));
      element.addEventListener("dragleave", hold(false));
      element.addEventListener("drop", (event) => {
        hold(false)(event);
        this.#choose(event.dataTransfer.files[0]);
      });
    }
  },
);

/** The button that chooses a file of the kinds in `accept`. @param {string} text @param {string} accept @param {(file: File) => void} choose */
export function fileButton(text, accept, choose) {
  const chosen = (event) => {
    choose(event.target.files[0]);
    event.target.value = "";
  };
  return html`<label class="button file-button">${text}<input type="file" name="file" class="visually-hidden" accept=${accept} @change=${chosen} /></label>`;
}
