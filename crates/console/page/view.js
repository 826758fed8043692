// What every element of the page is made with.

import { html, nothing, render } from "./vendor/lit-html/lit-html.js";
import { Directive, directive } from "./vendor/lit-html/directive.js";
import { repeat } from "./vendor/lit-html/directives/repeat.js";
import { live } from "./vendor/lit-html/directives/live.js";
import { keepFocus } from "./input.js";

export { html, live, nothing, repeat };

/**
 * An element that draws itself, into the page's own tree, so that one style sheet holds and labels find their fields.
 * `draw` gives the template; `update` has it drawn soon.
 */
export class View extends /** @type {new () => HTMLElement & ElementProperties} */ (HTMLElement) {
  #asked = false;
  /** @type {AbortController} */
  #life = null;

  /** Aborted when the element leaves the page: for requests and listeners. */
  get signal() {
    return this.#life.signal;
  }

  connectedCallback() {
    this.#life = new AbortController();
    // Words may be others, and `tomorrow` another day: midnights of all zones are at quarters of an hour.
    for (const name of ["language", "quarter"]) document.addEventListener(name, () => this.update(), this.#life);
    this.start();
    this.update();
  }

  disconnectedCallback() {
    this.#life.abort();
    this.stop();
  }

  /** Called when the element comes to the page, with its properties set. */
  start() {}

  /** Called when it leaves. */
  stop() {}

  /** The template. @returns {unknown} */
  draw() {
    return nothing;
  }

  update() {
    if (this.#asked) return;
    this.#asked = true;
    queueMicrotask(() => {
      this.#asked = false;
      if (this.isConnected) this.drawNow();
    });
  }

  drawNow() {
    keepFocus(this, () => render(this.draw(), this, { host: this }));
  }

  /** Tells whoever holds this element. @param {unknown} [detail] */
  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
  }
}

/** Registers an element, and has it drawn again when one of these properties is set. */
export function define(name, type, properties = []) {
  for (const property of properties) {
    const kept = Symbol(property);
    Object.defineProperty(type.prototype, property, {
      get() {
        return this[kept];
      },
      set(value) {
        const before = this[kept];
        this[kept] = value;
        if (before === value) return;
        this.changed?.(property, before);
        this.update();
      },
    });
  }
  customElements.define(name, type);
}

/** Sets custom properties for the style sheet to place an element by: the policy of the page forbids style attributes. */
export const place = directive(
  class extends Directive {
    render() {
      return nothing;
    }

    update({ element }, [properties]) {
      for (const [name, value] of Object.entries(properties)) element.style.setProperty(name, value);
      return nothing;
    }
  },
);

/** The text of a field. What a person is typing there stays when the page is drawn again, unless the text is to be another. */
export const textOf = directive(
  class extends Directive {
    /** What it was last to be. */
    #last;

    render() {
      return nothing;
    }

    update({ element }, [text]) {
      const isTyped = element === document.activeElement && text === this.#last;
      this.#last = text;
      if (!isTyped && element.value !== text) element.value = text;
      return nothing;
    }
  },
);

/** Of requests for the same list only the latest counts: the one before is aborted. */
export class Latest {
  /** @type {AbortController} */
  #life = null;

  /** The options of a request that takes the place of the one before; `signal` aborts it as well. */
  instead(signal) {
    this.#life?.abort();
    this.#life = new AbortController();
    return { signal: AbortSignal.any([signal, this.#life.signal]) };
  }
}

/** Calls once things have been quiet for so long, or at the latest after four times that. */
export function settled(milliseconds, call) {
  let timer = null;
  let first = 0;
  return () => {
    const now = performance.now();
    if (timer === null) first = now;
    clearTimeout(timer);
    const wait = Math.min(milliseconds, Math.max(0, first + 4 * milliseconds - now));
    timer = setTimeout(() => {
      timer = null;
      call();
    }, wait);
  };
}
