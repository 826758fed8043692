// Live calls: whom an account calls at this moment, how far each call is, and hanging up on one.

import { address, keepQuery, pageNumber } from "../route.js";
import { closeDialog, modal, once } from "../parts/dialog.js";
import { CODE, Refusal } from "../api.js";
import { complain, refusalText, say } from "../parts/notice.js";
import { countOf, pager } from "../parts/pager.js";
import { define, html, Latest, nothing, repeat, settled } from "../view.js";
import { empty, loading } from "../parts/blank.js";
import { icon } from "../parts/icon.js";
import { minutesText, stateChip } from "../parts/record-table.js";
import { Names } from "../names.js";
import { Page } from "./page.js";
import { SteadyRows } from "../parts/steady-rows.js";
import { stepText } from "../parts/call-course.js";
import { t, word } from "../language.js";
import "../words/record-words.js";

const PER_PAGE = 20;

/** How often it is looked, for calls may begin and ring without an event; and how often seconds go on. */
const LOOK = 3000;
const SECOND = 1000;

class CallsPage extends Page {
  /** The one dialed last first. @type {SteadyRows<LiveCall>} */
  #calls = new SteadyRows(this, ({ record_id: id }) => id, () => this.#load(this.#page));
  /** @type {Meta} */
  #meta = null;
  #page = 1;
  /** When they were read, in milliseconds of the page's own clock: from then on their seconds are counted here. */
  #readAt = 0;
  /** Why they could not be read. @type {Refusal} */
  #fault = null;
  /** The call that the person is asked about. @type {LiveCall} */
  #asked = null;
  /** The names of lines by their ids, and the tasks that were asked for them. */
  #lines = new Map();
  #tasks = new Set();
  #scripts = new Names((id) => this.api.script(id, this), () => this.update());
  #reading = new Latest();
  #follow = settled(500, () => this.#load(this.#page));
  #timers = [];

  start() {
    this.#load(pageNumber(this.route));
    this.followFeed((event) => (!event || event.type.startsWith("call.")) && this.#follow());
    this.#timers = [setInterval(() => document.hidden || this.#load(this.#page), LOOK), setInterval(() => this.update(), SECOND)];
  }

  stop() {
    this.#timers.forEach(clearInterval);
  }

  /** Another page of them is wanted. */
  #turn(page) {
    this.#calls.letGo();
    this.#load(page);
  }

  async #load(page) {
    if (!this.isConnected) return;
    this.#page = page;
    keepQuery(this.route, { page: page > 1 ? page : null });
    try {
      const { data, meta } = await this.api.calls({ page, per_page: PER_PAGE }, this.#reading.instead(this.signal));
      if (data.length === 0 && page > 1) return this.#load(meta.last_page);
      this.#calls.take(data);
      [this.#meta, this.#readAt, this.#fault] = [meta, performance.now(), null];
      this.update();
      await this.#nameThings(data);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** What is on the page stays, and says that it is old. */
  #failed(error) {
    if (!(error instanceof Refusal) || error.code === CODE.token) return complain(error);
    this.#fault = error;
    this.update();
  }

  /** @param {LiveCall[]} calls */
  async #nameThings(calls) {
    this.#scripts.want(calls.filter(({ bots }) => bots.length === 0).map(({ script_id: script }) => script));
    const unnamed = calls.filter(({ line_id: line, task_id: task }) => !this.#lines.has(line) && !this.#tasks.has(task));
    const tasks = [...new Set(unnamed.map(({ task_id: task }) => task))];
    tasks.forEach((task) => this.#tasks.add(task));
    const found = await Promise.all(tasks.map((task) => this.found(this.api.taskProgress(task, this))));
    for (const progress of found) progress?.data.lines.forEach(({ line_id: id, name }) => this.#lines.set(id, name));
    if (tasks.length > 0) this.update();
  }

  draw() {
    return html`
      <main id="main" tabindex="-1">
        <div class="head"><h1>${t("calls")}</h1>${countOf(this.#meta)}</div>
        ${this.token && !this.mayChange ? html`<p class="small quiet">${t("readOnly")}</p>` : nothing}
        ${this.#fault && this.#calls.all ? html`<p class="banner" role="status">${icon("warn")}<span>${t("callsAreOld", { why: refusalText(this.#fault) })}</span></p>` : nothing}
        <div class="panel">${this.#list()} ${pager(this.#meta, (page) => this.#turn(page))}</div>
        ${this.#asked ? this.#dialog(this.#asked) : nothing}
      </main>
    `;
  }

  #list() {
    const calls = this.#calls.all;
    if (calls === null) return this.#fault ? this.#noAnswer() : loading();
    if (calls.length === 0) return empty("phone", t("noCall"), html`<span class="small quiet">${t("noCallMeans")}</span>`);
    return html`
      <div class="scroll" tabindex="0" role="region" aria-label=${t("calls")}>
        <table class="table calls">
          <thead>
            <tr>
              <th scope="col">${t("callee")}</th>
              <th scope="col" class="grow narrow-off">${t("task")}</th>
              <th scope="col">${t("state")}</th>
              <th scope="col" class="num">${t("lasts")}</th>
              <th scope="col" class="w3">${t("handledBy")}</th>
              <th scope="col" class="w3">${t("line")}</th>
              <th scope="col" class="w2">${t("callerNumber")}</th>
              ${this.mayChange ? html`<th scope="col"><span class="visually-hidden">${t("actions")}</span></th>` : nothing}
            </tr>
          </thead>
          <tbody @pointerover=${this.#hold}>
            ${repeat(
              calls,
              ({ record_id: id }) => id,
              (call) => this.#row(call),
            )}
          </tbody>
        </table>
      </div>
    `;
  }

  #noAnswer() {
    return html`
      <div class="empty" role="alert">${icon("warn")}<b>${refusalText(this.#fault)}</b><button type="button" class="button" @click=${() => this.#load(this.#page)}>${t("again")}</button></div>
    `;
  }

  /** Rows do not move away below a pointer that is about to press. */
  #hold = (event) => event.target.closest(".row-tools") && this.#calls.stay();

  /** @param {LiveCall} call */
  #row(call) {
    const { record_id: id, phone, task_id: task, task_name: name, simulated } = call;
    const task_link = html`<a class="cut" href=${address(this.account, "tasks", task)} title=${name}>${name}</a>`;
    const hasLeft = this.#calls.hasLeft(id);
    return html`
      <tr data-call=${id} ?inert=${hasLeft}>
        <td>
          <span class="two"><span class="strong">${phone} ${simulated ? html`<span class="tag accent">${t("simulated")}</span>` : nothing}</span><small class="phone-only">${task_link}</small></span>
        </td>
        <td class="grow narrow-off">${task_link}</td>
        <td>${hasLeft ? html`<span class="chip">${icon("minus")}${t("call.over")}</span>` : stateChip(call)}</td>
        <td class="num">${minutesText(this.#seconds(call))}</td>
        <td class="quiet w3"><span class="two"><span>${this.#handledBy(call)}</span><small>${howFar(call)}</small></span></td>
        <td class="quiet w3">${this.#lines.get(call.line_id) ?? html`<code>${call.line_id.slice(0, 8)}</code>`}</td>
        <td class="quiet w2">${call.caller_id ?? "–"}</td>
        ${this.mayChange ? html`<td>${this.#tools(call)}</td>` : nothing}
      </tr>
    `;
  }

  /** @param {LiveCall} call */
  #tools(call) {
    const ask = () => {
      this.#calls.stay();
      this.#asked = call;
      this.update();
    };
    return html`
      <span class="row row-tools">
        <button type="button" class="button little" aria-label=${t("hangUpOn", call)} title=${t("hangUpOn", call)} aria-disabled=${this.#calls.isBusy(call.record_id) ? "true" : nothing} @click=${ask}>
          ${icon("hang-up")}<span class="wide-only">${t("hangUp")}</span>
        </button>
      </span>
    `;
  }

  /** For how long it is dialed or talked, now. @param {LiveCall} call */
  #seconds({ seconds }) {
    return seconds + Math.floor((performance.now() - this.#readAt) / SECOND);
  }

  /** With whom the callee talks or is to: someone to whom the call went on, else a bot, else a script. @param {LiveCall} call */
  #handledBy({ leg, bots, script_id: script }) {
    if (leg) return html`${t("legOf", { target: leg.target })} <small>${t(`call.${leg.state}`)}</small>`;
    if (bots.length > 0) {
      const more = bots.length > 1 ? t("andMoreBots", { count: bots.length - 1 }) : "";
      return html`<span title=${bots.join("\n")}>${botName(bots[0])}${more}</span>`;
    }
    if (script === null) return "–";
    return t("scriptNamed", { name: this.#scripts.get(script) ?? script });
  }

  // Hanging up.

  /** @param {LiveCall} call */
  #dialog(call) {
    const closed = () => {
      this.#asked = null;
      this.update();
    };
    const { task_name: task } = call;
    return html`
      <dialog ${modal()} aria-labelledby="hang-up-title" @close=${closed}>
        <h2 id="hang-up-title">${t("hangUpOn", call)}</h2>
        <p>${t(call.state === "answered" ? "hangUpTalking" : "hangUpRinging", { task, length: minutesText(this.#seconds(call)) })}</p>
        <p class="actions">
          <button type="button" class="button" autofocus @click=${closeDialog}>${t("cancel")}</button>
          <button type="button" class="button danger" @click=${this.#hangUp}>${icon("hang-up")}${t("hangUp")}</button>
        </p>
      </dialog>
    `;
  }

  #hangUp = once(async (event) => {
    const call = this.#asked;
    closeDialog(event);
    await this.#calls.act(call.record_id, () =>
      this.attempt(async () => {
        const done = await this.found(this.api.hangUp(call.record_id));
        say(t(done ? "hungUp" : "callWasOver", call));
      }),
    );
  });
}

/** In which step of its script it is, and who answered, as far as is known. @param {LiveCall} call */
function howFar({ step, answerer }) {
  return [step && stepText(step), answerer && word("answeredBy", answerer.answered_by)].filter(Boolean).join(t("pause"));
}

/** The host of a bot and what follows it. */
function botName(address) {
  return address.replace(/^wss?:\/\//, "").replace(/[?#].*$/, "");
}

define("calls-page", CallsPage, ["api", "account", "feed", "route", "token"]);
