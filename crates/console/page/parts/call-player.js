// The recording of a call: its two channels over time, and what plays it. Keys: space plays and stops, the arrows go 5 seconds on and back.

import { complain, refusalText } from "./notice.js";
import { define, html, live, nothing, View } from "../view.js";
import { icon } from "./icon.js";
import { LoudnessReader, readLoudness, sampleLoudness, wavePath } from "../waveform.js";
import { minutesText } from "./record-table.js";
import { RATES, SIDES, tenthsText } from "../playback.js";
import { Refusal } from "../api.js";
import { once } from "./dialog.js";
import { svg } from "../vendor/lit-html/lit-html.js";
import { t } from "../language.js";

/** How many bars a channel has. */
const BARS = 330;

/** The longest file that is read whole for its picture unless somebody asks for it, in bytes: about 20 minutes. Of a longer one a part of each bar is looked at. */
const LARGEST = 20_000_000;
const SAMPLED_BARS = 110;

/** How far a key goes, in seconds. */
const JUMP = 5;

/** The middle line of either channel, and how far it goes from there. */
const MIDDLES = [38, 114];
const HEIGHT = 36;

/** The sides that the channels have. */
const CHANNELS = ["bot", "callee"];

/** What is drawn: `reading`, `sampled` until somebody asks for all, `failed`, or `there`. @typedef {"reading" | "sampled" | "failed" | "there"} Picture */

class CallPlayer extends View {
  /** @type {Picture} */
  #picture = "reading";
  /** The bars of both channels. @type {string[]} */
  #paths = [];

  start() {
    for (const name of ["time", "state"]) this.playback.addEventListener(name, () => this.update(), { signal: this.signal });
    if (this.record.recording.bytes > LARGEST) this.#sample();
    else this.#read();
  }

  #read = () =>
    this.#show("there", async (address) => readLoudness(await this.api.openFile(address, this), new LoudnessReader(BARS, this.record.recording.bytes)));

  #sample() {
    return this.#show("sampled", (address) => sampleLoudness((from, to) => this.api.filePart(address, from, to, this), SAMPLED_BARS, this.record.recording.bytes));
  }

  /** @param {Picture} picture @param {(address: string) => Promise<[Float32Array, Float32Array] | Float32Array[]>} columnsOf */
  async #show(picture, columnsOf) {
    this.#picture = "reading";
    this.update();
    try {
      const columns = await columnsOf(await this.playback.address());
      this.#paths = columns.map((column, index) => wavePath(column, MIDDLES[index], HEIGHT));
      this.#picture = picture;
    } catch (error) {
      if (error.name === "AbortError") return;
      this.#picture = "failed";
      console.info(error.message);
    }
    this.update();
  }

  draw() {
    return html`
      <div class="hearing" @keydown=${this.#key}>
        ${this.#legend()}
        <div class="wave-frame">${this.#wave()} ${this.#slider()}</div>
        ${this.#note()} ${this.#controls()} ${this.playback.fault ? this.#fault() : nothing}
      </div>
    `;
  }

  #legend() {
    const { gaps } = this.record.recording;
    return html`
      <p class="legend">
        <span><i class="key p3"></i>${t("botChannel")}</span><span><i class="key p1"></i>${t("calleeChannel")}</span>
        ${gaps.length > 0 ? html`<span><i class="key shut"></i>${t("gapCount", { count: gaps.length })}</span>` : nothing}
        ${this.#seams().map(({ at, text }) => html`<span class="is-wait">┆ ${minutesText(Math.floor(at))} ${text}</span>`)}
      </p>
    `;
  }

  /** What happened meanwhile and is marked: keys that were pressed. */
  #seams() {
    const began = Date.parse(this.record.recording.begun_at);
    const seams = this.record.keys.map(({ at, keys }) => ({ at: (Date.parse(at) - began) / 1000, text: t("pressedNow", { keys }) }));
    return seams.filter(({ at }) => at >= 0 && at <= this.playback.length);
  }

  /** Where a moment stands, of a thousand. */
  #x(seconds) {
    return Math.min(1000, (1000 * seconds) / this.playback.length);
  }

  #wave() {
    const now = this.#x(this.playback.at).toFixed(1);
    const bars = (kind) => this.#paths.map((path, index) => svg`<path class="${CHANNELS[index]} ${kind}" d=${path}></path>`);
    return html`
      <svg class="wave" viewBox="0 0 1000 152" preserveAspectRatio="none" role="img" aria-label=${this.#sentence()}>
        <path class="mid" d="M0 38h1000M0 114h1000"></path>
        ${bars("ahead")}
        <svg width=${now} height="152">${bars("heard")}</svg>
        ${this.record.recording.gaps.map((gap) => this.#gap(gap))}
        ${this.#seams().map(({ at: seam }) => svg`<path class="seam" d=${`M${this.#x(seam).toFixed(1)} 0v152`}></path>`)}
        <path class="head" d=${`M${now} 0v152`}></path>
      </svg>
    `;
  }

  #gap({ channel, from_ms: from, to_ms: to }) {
    const [x, end] = [this.#x(from / 1000), this.#x(to / 1000)];
    return svg`<rect class="gap" x=${x.toFixed(1)} y=${channel === 1 ? 2 : 78} width=${Math.max(3, end - x).toFixed(1)} height="72"></rect>`;
  }

  /** The picture in a sentence. */
  #sentence() {
    const { gaps } = this.record.recording;
    const seconds = Math.round(this.playback.length);
    return gaps.length > 0 ? t("waveWithGaps", { seconds, count: gaps.length }) : t("waveOf", { seconds });
  }

  /** Lies over the picture: it is clicked, drawn along and moved by keys like any slider. */
  #slider() {
    const { at, length } = this.playback;
    const seconds = Math.floor(at);
    return html`
      <input
        type="range"
        class="seek"
        min="0"
        max=${length}
        step="0.1"
        aria-label=${t("playedTo")}
        aria-valuetext=${t("playedOf", { at: minutesText(seconds), length: minutesText(Math.floor(length)) })}
        .value=${live(String(seconds))}
        @input=${(event) => this.playback.seek(Number(event.target.value))}
      />
    `;
  }

  #note() {
    switch (this.#picture) {
      case "reading":
        return html`<p class="small quiet" role="status">${t("waveComes")}</p>`;
      case "sampled":
        return html`<p class="row wrap small quiet">${t("waveIsLong", { size: megabytes(this.record.recording.bytes) })}<button type="button" class="button little" @click=${this.#read}>${t("drawWave")}</button></p>`;
      case "failed":
        return html`<p class="row wrap small is-wait" role="status">${icon("warn")}${t("noWave")}<button type="button" class="button little" @click=${this.#read}>${t("again")}</button></p>`;
      default:
        return nothing;
    }
  }

  #controls() {
    const { playback } = this;
    const { isPlaying } = playback;
    return html`
      <div class="player">
        <button type="button" class="button primary square" aria-label=${t(isPlaying ? "pausePlaying" : "play")} title=${t(isPlaying ? "pausePlaying" : "play")} @click=${() => playback.toggle()}>
          ${icon(isPlaying ? "pause" : "play")}
        </button>
        <button type="button" class="button square" aria-label=${t("backBy", { seconds: JUMP })} title=${t("backBy", { seconds: JUMP })} @click=${() => playback.seek(playback.at - JUMP)}>${icon("undo")}</button>
        <b class="strong played">${tenthsText(playback.at)}</b><span class="quiet">/ ${tenthsText(playback.length)}</span>
        <span class="row wrap push">
          <span class="segments" role="group" aria-label=${t("whoIsHeard")}>${Object.keys(SIDES).map((side) => this.#side(side))}</span>
          <span class="segments" role="group" aria-label=${t("speed")}>
            ${RATES.map((rate) => html`<button type="button" aria-pressed=${String(playback.rate === rate)} @click=${() => playback.setRate(rate)}>${rate}×</button>`)}
          </span>
        </span>
      </div>
    `;
  }

  #side(side) {
    return html`<button type="button" value=${side} aria-pressed=${String(this.playback.side === side)} @click=${() => this.playback.hear(side)}>${t(`side.${side}`)}</button>`;
  }

  #fault() {
    const { fault } = this.playback;
    const text = fault instanceof Refusal ? refusalText(fault) : t("cannotPlay");
    return html`<p class="fault" role="alert">${icon("warn")}${text}<button type="button" class="button little" @click=${() => this.playback.play()}>${t("again")}</button></p>`;
  }

  #key = (event) => {
    const steps = { ArrowLeft: -JUMP, ArrowDown: -JUMP, ArrowRight: JUMP, ArrowUp: JUMP };
    const onSlider = event.target.matches(".seek");
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " && !event.target.matches("button")) this.playback.toggle();
    else if (onSlider && event.key in steps) this.playback.seek(this.playback.at + steps[event.key]);
    else return;
    event.preventDefault();
  };
}

/** Bytes in millions. */
function megabytes(bytes) {
  return (bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0);
}

/** Saves the file of a recording. @param {import("../playback.js").Playback} playback @param {string} name */
export const saveRecording = (playback, name) =>
  once(async () => {
    try {
      const link = document.createElement("a");
      link.href = await playback.address();
      link.download = `${name}.wav`;
      link.click();
    } catch (error) {
      complain(error);
    }
  });

define("call-player", CallPlayer, ["api", "record", "playback"]);
