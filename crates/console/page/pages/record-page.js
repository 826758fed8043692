// A record: what happened from the first packet to the last, what the network said, and the proof that the call was allowed.

import { address } from "../route.js";
import { beside } from "../neighbours.js";
import { define, html, nothing } from "../view.js";
import { empty, loading } from "../parts/blank.js";
import { icon } from "../parts/icon.js";
import { endsOfCall, happened, momentHeard, momentsOf, phases } from "../parts/call-course.js";
import { isAudible } from "../recordings.js";
import { minutesText, outcomeChip } from "../parts/record-table.js";
import { outcomeOfTalk } from "../parts/conversation.js";
import { once } from "../parts/dialog.js";
import { Page } from "./page.js";
import { playbackOf } from "../playback.js";
import { say } from "../parts/notice.js";
import { saveFile } from "../parts/save-file.js";
import { saveRecording } from "../parts/call-player.js";
import { serverNow } from "../clock.js";
import { t, word } from "../language.js";
import "../words/record-words.js";

/** How often it is looked whether the recording of a call that has just ended is there, and for how long. */
const LOOK = 2000;
const PATIENCE = 30_000;

class RecordPage extends Page {
  /** @type {Data<"record_detail">} */
  #record = null;
  /** @type {Data<"record_evidence">} */
  #evidence = null;
  /** @type {Data<"call_result">} */
  #result = null;
  /** What the ids in it name, as far as that is there. */
  #group = "";
  #line = "";
  #script = "";
  #missing = false;
  /** @type {Data<"record_trace">} */
  #trace = null;
  #hasNoTrace = false;
  /** Its recording, if it can be heard. @type {import("../playback.js").Playback} */
  #playback = null;
  /** @type {import("../parts/call-course.js").Moment[]} */
  #moments = [];
  /** The last moment before what is heard, by its place. */
  #heard = -1;
  #timer = null;

  start() {
    this.#load();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#playback?.close();
  }

  async #load() {
    await this.attempt(async () => {
      const [record, evidence, result] = await Promise.all([
        this.found(this.api.record(this.route.part, this.route.id, this)),
        this.found(this.api.evidence(this.route.id, this)),
        this.found(this.api.callResult(this.route.id, this)),
      ]);
      this.#missing = !record;
      if (record) [this.#record, this.#evidence, this.#result] = [record.data, evidence?.data ?? null, result?.data ?? null];
      if (record) this.#listen();
      this.update();
    });
    if (this.#record) await this.#nameThings();
  }

  /** Has its recording ready to be played; that of a call that has just ended may still be written. */
  #listen() {
    const record = this.#record;
    if (isAudible(record.recording)) {
      this.#playback = playbackOf(this.api, record, this);
      this.#playback.addEventListener("time", () => this.#follow(), { signal: this.signal });
    } else if (this.#mayComeYet()) {
      this.#timer = setTimeout(() => this.#lookAgain(), LOOK);
    }
  }

  #mayComeYet() {
    const { recording, simulated, times } = this.#record;
    return recording === null && !simulated && times.answered !== null && serverNow() - Date.parse(times.ended) < PATIENCE;
  }

  async #lookAgain() {
    await this.attempt(async () => {
      const record = await this.found(this.api.record(this.route.part, this.route.id, this));
      if (record) this.#record = record.data;
      this.#listen();
      this.update();
    });
  }

  #follow() {
    const heard = momentHeard(this.#record, this.#moments, this.#playback);
    if (heard === this.#heard) return;
    this.#heard = heard;
    this.update();
  }

  /** Names of what it went over and rested on; what is gone has none. */
  async #nameThings() {
    const { task_id: task, line_id: line, script_id: script } = this.#record;
    const group = this.#evidence?.decision?.group_id;
    await this.attempt(async () => {
      const [progress, found, text] = await Promise.all([
        this.found(this.api.taskProgress(task, this)),
        group ? this.found(this.api.group(group, this)) : null,
        script ? this.found(this.api.script(script, this)) : null,
      ]);
      this.#line = progress?.data.lines.find(({ line_id: id }) => id === line)?.name ?? "";
      [this.#group, this.#script] = [found?.data.name ?? "", text?.data.name ?? ""];
      this.update();
    });
  }

  draw() {
    if (this.#missing) return this.#noSuchRecord();
    if (!this.#record) return html`<main id="main" tabindex="-1"><h1>${t("record")}</h1><section class="panel">${loading()}</section></main>`;
    this.#moments = momentsOf(this.#record, this.#line);
    return html`
      <main id="main" tabindex="-1" data-record=${this.#record.record_id}>
        ${this.#head()}
        <div class="with-rail wide-rail">
          <div class="stack apart">
            ${this.#sound()} ${this.#talk()} ${this.#proof()}
          </div>
          <div class="stack apart">
            ${this.#result ? outcomeOfTalk(this.#result) : nothing} ${happened(this.#record, this.#moments, this.#playback)} ${this.#facts()}
            ${this.#record.simulated ? nothing : this.#signalling()}
          </div>
        </div>
      </main>
    `;
  }

  #noSuchRecord() {
    return html`
      <main id="main" tabindex="-1">
        <h1>${t("noSuchRecord")}</h1>
        <p><a href=${address(this.account, "records")}>${t("allRecords")}</a></p>
      </main>
    `;
  }

  #head() {
    const record = this.#record;
    return html`
      <div class="head">
        <nav class="crumbs" aria-label=${t("place")}><a href=${address(this.account, "records")}>${t("records")}</a>${icon("right")}</nav>
        <h1>${record.phone}</h1>
        ${outcomeChip(record)} ${record.simulated ? html`<span class="tag accent">${t("simulated")}</span>` : nothing}
        <span class="small quiet">
          ${t("callSpan", { from: record.calldate, to: record.hangupdate.slice(11) })}${t("pause")}<a href=${address(this.account, "tasks", record.task_id)}>${record.task_name}</a>
        </span>
        <div class="tools">
          ${this.#playback ? html`<button type="button" class="button" @click=${saveRecording(this.#playback, record.record_id)}>${icon("download")}${t("saveRecording")}</button>` : nothing}
          ${this.#neighbours()}
        </div>
      </div>
    `;
  }

  /** The records beside it in the list that it was opened from. */
  #neighbours() {
    const { before, after } = beside(this.#record.record_id);
    const link = (to, sign, name) => to && html`<a href=${address(this.account, "records", to.record, to.task)} aria-label=${name} title=${name}>${icon(sign)}</a>`;
    if (!before && !after) return nothing;
    return html`<nav class="segments" aria-label=${t("otherRecords")}>${link(before, "left", t("recordBefore"))} ${link(after, "right", t("recordAfter"))}</nav>`;
  }

  // What was heard and said.

  /** How long each phase was and, where there is one, the recording. */
  #sound() {
    return html`
      <section class="panel" aria-label=${t(this.#playback ? "recording" : "phaseLengths")}>
        <div class="body">
          ${phases(this.#record)}
          ${this.#playback ? html`<call-player .api=${this.api} .record=${this.#record} .playback=${this.#playback}></call-player>` : this.#noSound()}
        </div>
      </section>
    `;
  }

  /** Why there is nothing to hear. */
  #noSound() {
    const { recording, times, simulated } = this.#record;
    if (times.answered === null) return nothing;
    const why = recording ? t("recordingGone", { at: momentOf(recording.delete_at) }) : t(simulated ? "simulatedIsSilent" : this.#mayComeYet() ? "recordingComes" : "notRecorded");
    return html`<p class="small quiet no-sound" role="status">${why}</p>`;
  }

  #talk() {
    if (!this.#result?.transcript.length) return nothing;
    return html`<call-talk .result=${this.#result} .playback=${this.#playback} .begins=${this.#record.recording?.begun_at ?? null}></call-talk>`;
  }

  // The proof.

  #proof() {
    const decision = this.#evidence?.decision;
    return html`
      <section class="panel" aria-labelledby="proof-title">
        <header>
          <h2 id="proof-title">${t("evidence")}</h2>
          <span class="push" role="status">${this.#verdictAgain()}</span>
        </header>
        ${decision ? html`<div class="body">${this.#proofTools()} ${this.#proofFacts(decision)}</div>` : empty("info", t("noEvidence"))}
      </section>
    `;
  }

  /** Whether the same comes out when it is decided again. */
  #verdictAgain() {
    const again = this.#evidence?.again;
    if (!again) return nothing;
    const text = t(again.agrees ? "agreesAgain" : "differsAgain", { what: t(again.allowed ? "allowed" : "notAllowed") });
    return html`<span class="row small ${again.agrees ? "is-open" : "is-bad"}">${icon(again.agrees ? "check" : "warn")}${text}</span>`;
  }

  #proofTools() {
    return html`
      <div class="row wrap">
        <button type="button" class="button little" @click=${this.#again}>${icon("redo")}${t("decideAgain")}</button>
        <button type="button" class="button little" @click=${this.#export}>${icon("download")}${t("exportEvidence")}</button>
      </div>
    `;
  }

  /** @param {NonNullable<Data<"record_evidence">["decision"]>} decision */
  #proofFacts(decision) {
    const until = decision.allowed_until;
    const bounds = until
      ? t("allowedUntil", { until, latest: decision.latest_start ?? "–", cancel: decision.cancel_at ?? "–" })
      : t("allowedForGood");
    const group = t("groupAtVersion", { name: this.#group || decision.group_id, version: decision.group_version });
    const rest = [group, t("inZone", { zone: decision.timezone }), t("holidaysAt", { revision: decision.holidays_revision }), decision.built_in];
    return html`
      <dl class="facts">
        <dt>${t("decidedAt")}</dt>
        <dd>${decision.decided_at}</dd>
        <dt>${t("decision")}</dt>
        <dd>${bounds}</dd>
        <dt>${t("decidedBy")}</dt>
        <dd>${word("rule", decision.rule)}</dd>
        <dt>${t("restsOn")}</dt>
        <dd>${rest.join(t("pause"))}</dd>
        ${decision.task_altered_at ? html`<dt>${t("taskChangedAt")}</dt><dd>${decision.task_altered_at}</dd>` : nothing}
      </dl>
    `;
  }

  #again = once(async () => {
    await this.attempt(async () => {
      this.#evidence = (await this.api.evidence(this.route.id, this)).data;
      const { again } = this.#evidence;
      say(again ? t(again.agrees ? "agreesAgain" : "differsAgain", { what: t(again.allowed ? "allowed" : "notAllowed") }) : t("noEvidence"));
      this.update();
    });
  });

  /** The record and its evidence as they are, in a file. */
  #export = () => {
    const text = JSON.stringify({ record: this.#record, evidence: this.#evidence }, null, 2);
    saveFile(new Blob([text], { type: "application/json" }), `record-${this.#record.record_id}.json`);
    say(t("evidenceExported"));
  };

  // What was said on the wire.

  /** What is known of it beside its times, by name; what is empty is left out. @returns {[string, unknown][]} */
  #known() {
    const record = this.#record;
    const { code, phrase, q850, local } = record.cause;
    return [
      ["SIP", code === null ? null : html`<code>${code} ${phrase ?? ""}</code> ${local ? html`<span class="quiet">${t("saidByUs")}</span>` : nothing}`],
      ["Q.850", q850],
      [t("countedAs"), record.status === null ? t("countsNoTry") : `${record.status} ${record.status_str}`],
      [t("class"), word("class", record.class)],
      [t("whoAnswered"), record.answerer && answererText(record.answerer)],
      [t("endedBy"), endsOfCall(record)],
      [t("bot"), record.bots.length > 0 ? botsText(record.bots) : null],
      [t("line"), this.#line || record.line_id],
      [t("callerNumber"), record.caller_id],
      [t("script"), this.#script || record.script_id],
      [t("name"), record.name],
      [t("company"), record.company],
      [t("extra"), record.extra],
      [t("recording"), record.recording && recordingText(record.recording)],
      ["SHA-256", this.#playback && html`<code>${record.recording.sha256}</code>`],
      ["ID", html`<code>${record.record_id}</code>`],
    ];
  }

  #facts() {
    const known = this.#known().filter(([, value]) => value !== null && value !== undefined && value !== "");
    return html`
      <section class="panel" aria-labelledby="facts-title">
        <header><h2 id="facts-title">${t("rawFacts")}</h2></header>
        <dl class="facts">${known.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
      </section>
    `;
  }

  /** The SIP messages, once they are asked for. */
  #signalling() {
    return html`
      <section class="panel" aria-labelledby="signalling-title">
        <header><h2 id="signalling-title">${t("signalling")}</h2></header>
        ${this.#hasNoTrace ? empty("info", t("noTrace")) : html`<div class="body">${this.#messages()}</div>`}
      </section>
    `;
  }

  #messages() {
    if (!this.#trace) return html`<button type="button" class="button little" @click=${this.#showTrace}>${icon("download")}${t("showTrace")}</button>`;
    const { messages, complete } = this.#trace;
    return html`
      ${messages.map(
        ({ at, sent, peer, text, leg_id: leg }) => html`
          <details>
            <summary class="small"><span class="quiet">${at.slice(11, 23)} ${sent ? "→" : "←"} ${peer} ${leg ? t("ofLeg") : ""}</span> <code>${text.split("\r\n")[0]}</code></summary>
            <pre class="small">${text}</pre>
          </details>
        `,
      )}
      ${complete ? nothing : html`<p class="small quiet">${t("traceIsCut")}</p>`}
    `;
  }

  #showTrace = once(async () => {
    await this.attempt(async () => {
      const found = await this.found(this.api.trace(this.route.id, this));
      this.#hasNoTrace = !found;
      this.#trace = found?.data ?? null;
      this.update();
    });
  });
}

/** Who answered, why that is thought, and when it was clear. @param {NonNullable<CallRecord["answerer"]>} answerer */
function answererText({ answered_by: by, reason, after, beep_after: beep }) {
  const seconds = (milliseconds) => (milliseconds / 1000).toFixed(1);
  const parts = [t("answererIs", { who: word("answeredBy", by), why: word("answererReason", reason), seconds: seconds(after) })];
  if (beep !== null) parts.push(t("beepAfter", { seconds: seconds(beep) }));
  return parts.join(t("pause"));
}

/** The bots of a call, each with how it failed. @param {CallRecord["bots"]} bots */
function botsText(bots) {
  return bots.map(({ url, fault, reconnects }) => {
    const back = reconnects ? html` <span>${t("botReconnects", { count: reconnects })}</span>` : nothing;
    return html`<div><code>${url}</code> ${fault ? html`<span class="is-bad">${word("botFault", fault.kind)}</span> <span class="quiet">${fault.words}</span>` : nothing}${back}</div>`;
  });
}

/** A recording in words. @param {NonNullable<CallRecord["recording"]>} recording */
function recordingText(recording) {
  const { state, duration_ms: length, bytes, gaps, delete_at: until } = recording;
  if (!isAudible(recording)) return t("recordingGone", { at: momentOf(until) });
  const parts = [
    t("recordingIs", { length: minutesText(Math.floor(length / 1000)), size: Math.ceil(bytes / 1000) }),
    gaps.length > 0 ? t("gapCount", { count: gaps.length }) : t("noGap"),
    ...(state === "cut_short" ? [t("cutShort")] : []),
    t("keptUntil", { at: until.slice(0, 10) }),
  ];
  return parts.join(t("pause"));
}

/** An instant as the other times of the page. */
function momentOf(instant) {
  return instant.slice(0, 19).replace("T", " ");
}

define("record-page", RecordPage, ["api", "account", "feed", "route", "token"]);
