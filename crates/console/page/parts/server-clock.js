// The server's time on the wall clock of its zone. It tells the document of each quarter of an hour, by `quarter`.

import { dateText, serverNow, wallTimeIn } from "../clock.js";
import { t } from "../language.js";
import { View, define, html, nothing } from "../view.js";

/** The quarter of an hour that the server has, counted from 1970. */
function quarterNow() {
  return Math.floor(serverNow() / 900_000);
}

class ServerClock extends View {
  #timer = null;
  #quarter = quarterNow();

  start() {
    this.#timer = setInterval(() => this.#tick(), 1000);
  }

  stop() {
    clearInterval(this.#timer);
  }

  #tick() {
    const quarter = quarterNow();
    if (quarter !== this.#quarter) document.dispatchEvent(new Event("quarter"));
    this.#quarter = quarter;
    this.update();
  }

  draw() {
    if (!this.zone) return nothing;
    const { date, time } = wallTimeIn(this.zone, serverNow());
    // Not read out: it changes all the time, and says nothing that the page does not say where it matters.
    return html`
      <div class="clock" title=${t("serverTime", { zone: this.zone })}>
        <b>${time}</b>
        <span class="wide-only">${dateText(date)}${t("pause")}${this.zone}</span>
      </div>
    `;
  }
}

define("server-clock", ServerClock, ["zone"]);
