// The player below a list of records: the list stays. Tells `closed`.

import { address } from "../route.js";
import { define, html, nothing, place, View } from "../view.js";
import { icon } from "./icon.js";
import { minutesText } from "./record-table.js";
import { playbackOf } from "../playback.js";
import { t } from "../language.js";
import "../words/record-words.js";

class RowPlayer extends View {
  /** @type {import("../playback.js").Playback} */
  #playback = null;

  start() {
    this.#open();
  }

  stop() {
    this.#playback.close();
  }

  /** Another record is to be heard. */
  changed(property) {
    if (property === "record" && this.isConnected) this.#open();
  }

  #open() {
    this.#playback?.close();
    const playback = playbackOf(this.api, this.record, this);
    this.#playback = playback;
    for (const name of ["time", "state"]) playback.addEventListener(name, () => this.#hear(playback), { signal: this.signal });
    playback.play();
  }

  #hear(playback) {
    if (playback !== this.#playback) return;
    this.update();
    this.tell("heard", { id: this.record.record_id, isPlaying: playback.isPlaying });
  }

  /** Plays on or stops. */
  toggle() {
    this.#playback.toggle();
  }

  draw() {
    const [playback, record] = [this.#playback, this.record];
    const name = t(playback.isPlaying ? "pausePlaying" : "play");
    const text = t("playedOf", { at: minutesText(Math.floor(playback.at)), length: minutesText(Math.floor(playback.length)) });
    return html`
      <div class="player" role="group" aria-label=${t("recordingOf", record)}>
        <button type="button" class="button little square" aria-label=${name} title=${name} @click=${() => this.toggle()}>${icon(playback.isPlaying ? "pause" : "play")}</button>
        <b class="strong">${record.phone}</b><span class="played">${text}</span>
        <span class="meter work play" aria-hidden="true"><i ${place({ "--part": Math.min(100, (100 * playback.at) / playback.length) })}></i></span>
        <a href=${address(this.account, "records", record.record_id, record.task_id)}>${t("openRecord")}</a>
        ${playback.fault ? html`<span class="fault" role="alert">${icon("warn")}${t("cannotPlay")}</span>` : nothing}
      </div>
    `;
  }
}

define("row-player", RowPlayer, ["api", "account", "record"]);
