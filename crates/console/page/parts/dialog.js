// Dialogs: the browser's own, which keeps the focus inside and gives it back.

import { nothing } from "../view.js";
import { Directive, directive } from "../vendor/lit-html/directive.js";

/** Opens the dialog that it stands on as soon as it is drawn. */
export const modal = directive(
  class extends Directive {
    render() {
      return nothing;
    }

    update({ element }) {
      if (!element.open) queueMicrotask(() => element.isConnected && !element.open && element.showModal());
      return nothing;
    }
  },
);

/** What a button or a form does, once: while it is not done, clicking again is no second wish. */
export function once(action) {
  let running = false;
  return async (event) => {
    event.preventDefault();
    if (running) return;
    running = true;
    await action(event).finally(() => (running = false));
  };
}

/** Closes the dialog that an event came from; whoever drew it hears `close` and draws it no more. */
export function closeDialog(event) {
  event.target.closest("dialog").close();
}
