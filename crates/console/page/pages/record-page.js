// A record: what happened from the first packet to the last, what the network said, and the proof that the call was allowed.

import { address } from "../route.js";
import { define, html, nothing } from "../view.js";
import { empty, loading } from "../parts/blank.js";
import { icon } from "../parts/icon.js";
import { endsOfCall, happened, phases } from "../parts/call-course.js";
import { outcomeOfTalk, talk } from "../parts/conversation.js";
import { outcomeChip } from "../parts/record-table.js";
import { once } from "../parts/dialog.js";
import { Page } from "./page.js";
import { say } from "../parts/notice.js";
import { t, word } from "../language.js";

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

  start() {
    this.#load();
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
      this.update();
    });
    if (this.#record) await this.#nameThings();
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
    return html`
      <main id="main" tabindex="-1" data-record=${this.#record.record_id}>
        ${this.#head()}
        <div class="with-rail wide-rail">
          <div class="stack apart">
            <section class="panel" aria-label=${t("phaseLengths")}><div class="body">${phases(this.#record)}</div></section>
            ${this.#result ? talk(this.#result) : nothing} ${this.#proof()}
          </div>
          <div class="stack apart">
            ${this.#result ? outcomeOfTalk(this.#result) : nothing} ${happened(this.#record, this.#line)} ${this.#facts()}
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
      </div>
    `;
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
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = `record-${this.#record.record_id}.json`;
    link.click();
    // The browser reads it a moment later.
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    say(t("evidenceExported"));
  };

  // What was said on the wire.

  #facts() {
    const record = this.#record;
    const { code, phrase, q850, local } = record.cause;
    const line = (label, value) => (value === null || value === undefined || value === "" ? nothing : html`<dt>${label}</dt><dd>${value}</dd>`);
    const sip = code === null ? null : html`<code>${code} ${phrase ?? ""}</code> ${local ? html`<span class="quiet">${t("saidByUs")}</span>` : nothing}`;
    return html`
      <section class="panel" aria-labelledby="facts-title">
        <header><h2 id="facts-title">${t("rawFacts")}</h2></header>
        <dl class="facts">
          ${line("SIP", sip)} ${line("Q.850", q850)} ${line(t("countedAs"), record.status === null ? t("countsNoTry") : `${record.status} ${record.status_str}`)}
          ${line(t("class"), word("class", record.class))} ${line(t("endedBy"), endsOfCall(record))} ${line(t("line"), this.#line || record.line_id)}
          ${line(t("callerNumber"), record.caller_id)} ${line(t("script"), this.#script || record.script_id)} ${line(t("name"), record.name)}
          ${line(t("company"), record.company)} ${line(t("extra"), record.extra)} ${line("ID", html`<code>${record.record_id}</code>`)}
        </dl>
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

define("record-page", RecordPage, ["api", "account", "feed", "route", "token"]);
