// The zone of an instant, and how long it is until then, counted down. Tells `elapsed` once when it has come.

import { durationText, serverNow } from "../clock.js";
import { t } from "../language.js";
import { View, define, html } from "../view.js";

const shown = new Set();

/** One clock for all of them. */
setInterval(() => shown.forEach((element) => element.tick()), 1000);

class TimeLeft extends View {
  #elapsed = false;

  start() {
    shown.add(this);
  }

  stop() {
    shown.delete(this);
  }

  changed() {
    this.#elapsed = false;
  }

  tick() {
    if (!this.#elapsed && this.#left() <= 0) {
      this.#elapsed = true;
      this.tell("elapsed");
    }
    this.update();
  }

  #left() {
    return Date.parse(this.until) - serverNow();
  }

  draw() {
    return html`<span class="time-left">${t("zoneAndTimeLeft", { zone: this.zone, left: durationText(this.#left()) })}</span>`;
  }
}

define("time-left", TimeLeft, ["until", "zone"]);
