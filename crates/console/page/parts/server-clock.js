// The server's time on the wall clock of its zone, and whether what happens is heard as it happens.

import { dateText, serverNow, wallTimeIn } from "../clock.js";
import { t } from "../language.js";
import { View, define, html, nothing } from "../view.js";

class ServerClock extends View {
  #timer = null;

  start() {
    this.#timer = setInterval(() => this.update(), 1000);
  }

  stop() {
    clearInterval(this.#timer);
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
