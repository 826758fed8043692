// What was said in a call, and what came of it: as the bot or another program has written it.

import { define, html, nothing, View } from "../view.js";
import { icon } from "./icon.js";
import { minutesText } from "./record-table.js";
import { say } from "./notice.js";
import { t } from "../language.js";

/** @typedef {Data<"call_result">["transcript"][number]} Turn */

/**
 * What was said, turn by turn. With a recording that can be played, `playback`, pressing a turn plays from there, and the turn that is heard is
 * marked; `begins` is when the recording begins.
 */
class CallTalk extends View {
  /** The turn that is heard, by its place. */
  #heard = -1;

  start() {
    this.playback?.addEventListener("time", () => this.#follow(), { signal: this.signal });
    this.#follow();
  }

  #follow() {
    const at = this.playback?.at ?? 0;
    const starts = this.result.transcript.map((turn) => this.#start(turn));
    const heard = at > 0 ? starts.findLastIndex((start) => start !== null && start <= at) : -1;
    if (heard === this.#heard) return;
    this.#heard = heard;
    this.update();
  }

  /** Where a turn is in the recording, in seconds; null where that is not known. @param {Turn} turn */
  #start({ at }) {
    if (!this.playback || at === null) return null;
    const start = (Date.parse(at) - Date.parse(this.begins)) / 1000;
    return start <= this.playback.length ? Math.max(0, start) : null;
  }

  draw() {
    const { transcript } = this.result;
    return html`
      <section class="panel" aria-labelledby="talk-title">
        <header>
          <h2 id="talk-title">${t("transcript")}</h2>
          ${this.playback ? html`<span class="small quiet wide-only">${t("pressToPlay")}</span>` : nothing}
          ${navigator.clipboard ? html`<button type="button" class="button little push" @click=${this.#copy}>${icon("copy")}${t("copy")}</button>` : nothing}
        </header>
        <ol class="talk">
          ${transcript.map((turn, place) => this.#turn(turn, place))}
        </ol>
      </section>
    `;
  }

  /** @param {Turn} turn @param {number} place */
  #turn(turn, place) {
    const start = this.#start(turn);
    const time = timeOf(turn);
    const play = () => getSelection().isCollapsed && this.playback.playFrom(start);
    const stamp = html`<time>${time}</time>`;
    return html`
      <li class="${turn.speaker} ${start === null ? "" : "playable"}" aria-current=${place === this.#heard ? "true" : nothing} @click=${start === null ? nothing : play}>
        ${start === null ? stamp : html`<button type="button" class="from" aria-label=${t("playFrom", { at: time })}>${stamp}</button>`}
        <b>${t(`speaker.${turn.speaker}`)}</b>
        <p>${turn.text}</p>
      </li>
    `;
  }

  #copy = async () => {
    const lines = this.result.transcript.map((turn) => `${timeOf(turn)} ${t(`speaker.${turn.speaker}`)}${t("colon")}${turn.text}`);
    await navigator.clipboard.writeText(lines.join("\n"));
    say(t("copied"));
  };
}

/** When a turn began: since the answer, or by the clock. @param {Turn} turn */
function timeOf({ offset, at }) {
  return offset === null || offset < 0 ? (at?.slice(11, 19) ?? "–") : minutesText(Math.floor(offset / 1000));
}

/** What came of the conversation; nothing where nobody has said. @param {Data<"call_result">} result */
export function outcomeOfTalk({ intention, score, rounds, tags, summary, fields }) {
  const named = Object.entries(fields);
  const saysNothing = intention === null && score === null && rounds === 0 && tags.length === 0 && summary === null;
  if (saysNothing && named.length === 0) return nothing;
  const line = (label, value) => (value === null || value === "" ? nothing : html`<dt>${label}</dt><dd>${value}</dd>`);
  const chips = html`<span class="row wrap">${tags.map((tag) => html`<span class="tag">${tag}</span>`)}</span>`;
  return html`
    <section class="panel" aria-labelledby="result-title">
      <header><h2 id="result-title">${t("callResult")}</h2></header>
      <dl class="facts">
        ${line(t("intention"), intention && t(`intention.${intention}`))} ${line(t("callTags"), tags.length > 0 ? chips : null)}
        ${line(t("summary"), summary)} ${line(t("score"), score)} ${line(t("rounds"), rounds || null)}
        ${named.map(([name, value]) => line(name, String(value ?? "")))}
      </dl>
    </section>
  `;
}

define("call-talk", CallTalk, ["result", "playback", "begins"]);
