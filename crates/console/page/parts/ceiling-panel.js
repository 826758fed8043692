// The ceilings of an account: groups that every task below must also be inside of. It lists those under which the account lies; lets a `group` become that of the
// account, or of its whole partner, and be taken away again, after saying which tasks of the account stop and start. Without a group it only lists and removes; it
// changes nothing where it is `fixed`.

import { address } from "../route.js";
import { closeDialog, modal, once } from "./dialog.js";
import { complain, refusalText, say } from "./notice.js";
import { icon } from "./icon.js";
import { ceilingLoss, heldBackBy, isShut } from "../ceiling-change.js";
import { hoursText, instantText, momentText, serverNow } from "../clock.js";
import { isOwn, levelText, mayRevoke } from "./revoke-closure.js";
import { listText, t } from "../language.js";
import { taskList } from "./effects.js";
import { View, define, html, Latest, nothing, settled } from "../view.js";
import "../words/closure-words.js";

/** How many groups are looked at, with their next four weeks, and how many are named; how many tasks are looked at that wait. */
const LOOKED_AT = 1000;
const NAMED = 3;
const TASKS = 100;

/** The states of tasks that run, and of those that wait. */
const RUNNING = "2";
const WAITING = "3";

/** How many of those that run are named. */
const NAMED_TASKS = 10;

/** @typedef {{ total: number, tasks: { name: string }[] }} TaskTotal */
const NO_TASK = { total: 0, tasks: [] };

/** What the person is about to do: set the group, or take a ceiling away. @typedef {{ ofPartner: boolean, ceiling: Ceiling | null }} Wish */

class CeilingPanel extends View {
  /** @type {Ceiling[]} */
  #ceilings = null;
  /** @type {Wish | null} */
  #wish = null;
  /**
   * What it would change: the group's decision, null of one of another account; which tasks stop and start, `isWhole` where all that wait were looked at.
   * @type {{ decision: Decision | null, stopping: TaskTotal, starting: TaskTotal, isWhole: boolean, loss: ReturnType<typeof ceilingLoss> } | null}
   */
  #means = null;
  /** Why it was refused. */
  #refusal = "";
  #reading = new Latest();
  #loadAgain = settled(200, () => this.#load());

  start() {
    this.#load();
    this.feed.addEventListener("event", ({ detail }) => detail.type === "ceiling.changed" && this.#loadAgain(), { signal: this.signal });
    this.feed.addEventListener("state", () => this.feed.live && this.#loadAgain(), { signal: this.signal });
  }

  async #load() {
    if (!this.isConnected) return;
    try {
      this.#ceilings = (await this.api.ceilings(this.#reading.instead(this.signal))).data;
      this.update();
    } catch (error) {
      complain(error);
    }
  }

  draw() {
    return html`
      <section class="panel ceilings" aria-labelledby="ceilings-title">
        <header><h2 id="ceilings-title">${t("ceilings")}</h2></header>
        ${this.#ceilings === null ? html`<p class="body small quiet">${t("loading")}</p>` : this.#list(this.#ceilings)}
        ${this.group && !this.fixed && this.#ceilings ? this.#offers(this.#ceilings) : nothing}
        <footer>${t(this.group ? "ceilingsMean" : "ceilingsSetIn")}</footer>
      </section>
      ${this.#wish ? this.#dialog(this.#wish) : nothing}
    `;
  }

  /** @param {Ceiling[]} ceilings */
  #list(ceilings) {
    if (ceilings.length === 0) return html`<p class="body small quiet none">${t("noCeiling")}</p>`;
    return html`<ul class="rules">${ceilings.map((ceiling) => this.#row(ceiling))}</ul>`;
  }

  /** @param {Ceiling} ceiling */
  #row(ceiling) {
    const { name, level, dial_time_id: id, group_account_id: owner, set_by: by, set_at: at } = ceiling;
    const isHere = id !== null && owner === (this.account.subUser ?? this.account.user);
    return html`
      <li data-ceiling=${level}>
        ${isHere ? html`<a class="strong" href=${address(this.account, "groups", String(id))}>${name}</a>` : html`<b class="strong">${name}</b>`}
        <span class="row">
          ${this.group && isHere && id === this.group.id ? html`<span class="tag accent">${t("thisGroup")}</span>` : nothing}
          ${!this.fixed && mayRevoke(ceiling, this.account, this.token)
            ? html`<button type="button" class="button little" aria-label=${t("removeOf", { name })} @click=${() => this.#ask({ ofPartner: level === "partner", ceiling })}>${t("removeCeiling")}</button>`
            : nothing}
        </span>
        <small>${levelText(ceiling, this.account)}${t("pause")}${t("stoppedBy", { who: by.token_name ?? t("operator"), at: instantText(at) })}</small>
      </li>
    `;
  }

  /** @param {Ceiling[]} ceilings */
  #offers(ceilings) {
    const isThis = ({ dial_time_id: id }) => id === this.group.id;
    const offer = (ofPartner) => {
      const text = t(ofPartner ? "setPartnerCeiling" : "setCeiling");
      return html`<button type="button" class="button little set-${ofPartner ? "partner" : "account"}" @click=${() => this.#ask({ ofPartner, ceiling: null })}>${icon("plus")}${text}</button>`;
    };
    const ownIs = ceilings.some((ceiling) => isOwn(ceiling, this.account) && isThis(ceiling));
    const partnersIs = ceilings.some((ceiling) => ceiling.level === "partner" && isThis(ceiling));
    return html`<div class="body row wrap">${ownIs ? nothing : offer(false)} ${this.token?.user_id === null && !partnersIs ? offer(true) : nothing}</div>`;
  }

  /** @param {Wish | null} wish */
  #ask(wish) {
    [this.#wish, this.#means, this.#refusal] = [wish, null, ""];
    this.update();
    if (wish) this.#look(wish);
  }

  /** Learns what it would change: the API has no preview of it. @param {Wish} wish */
  async #look(wish) {
    try {
      const means = await (wish.ceiling ? this.#lookAtRemoval(wish.ceiling) : this.#lookAtGroup(wish.ofPartner));
      if (this.#wish === wish) this.#means = means;
    } catch (error) {
      if (!error.missing) complain(error);
    }
    this.update();
  }

  /** @param {Ceiling} ceiling */
  async #lookAtRemoval(ceiling) {
    const id = ceiling.dial_time_id;
    const [decision, held] = await Promise.all([id === null ? null : this.api.groupDecision(id, null, this), this.#heldBackBy(ceiling)]);
    return { decision: decision?.data ?? null, stopping: NO_TASK, ...held, loss: [] };
  }

  /** The group takes the place of the ceiling of that level, and is itself open or not. @param {boolean} ofPartner */
  async #lookAtGroup(ofPartner) {
    const earlier = this.#ceilings.find((ceiling) => (ofPartner ? ceiling.level === "partner" : isOwn(ceiling, this.account))) ?? null;
    const [{ data: decision }, running, loss] = await Promise.all([
      this.api.groupDecision(this.group.id, null, this),
      this.api.tasks({ page: 1, per_page: NAMED_TASKS, status: RUNNING }, this),
      this.#loss(this.group.id),
    ]);
    const stays = { starting: NO_TASK, isWhole: true };
    const { starting, isWhole } = isShut(decision) ? stays : await this.#heldBackBy(earlier);
    const stopping = isShut(decision) ? { total: running.meta.total, tasks: running.data } : NO_TASK;
    return { decision, stopping, starting, isWhole, loss };
  }

  /** The tasks of the account that wait for nothing but this ceiling. @param {Ceiling | null} ceiling */
  async #heldBackBy(ceiling) {
    const { data: tasks, meta } = await this.api.tasks({ page: 1, per_page: TASKS, status: WAITING }, this);
    const decisions = ceiling && tasks.length > 0 ? await this.api.decisions(tasks.map(({ uuid }) => ({ task_id: uuid })), this) : [];
    // The list may have been read again since.
    const others = this.#ceilings.filter(({ level, account_id: below }) => level !== ceiling?.level || below !== ceiling.account_id);
    const held = heldBackBy(tasks, decisions, ceiling, others);
    return { starting: { total: held.length, tasks: held }, isWhole: ceiling === null || meta.total <= tasks.length };
  }

  /** How much less groups would be open in the next four weeks. */
  async #loss(id) {
    const [overview, calendar] = await Promise.all([this.api.overview({ per_page: LOOKED_AT }, this), this.api.groupCalendar(id, {}, this)]);
    return ceilingLoss(overview.data, calendar.data, serverNow());
  }

  /** @param {Wish} wish */
  #dialog(wish) {
    const { ofPartner, ceiling } = wish;
    const name = ceiling ? ceiling.name : this.group.name;
    const title = ceiling ? t("removeCeilingOf", { name }) : t(ofPartner ? "setPartnerCeilingOf" : "setCeilingOf", { name });
    return html`
      <dialog ${modal()} aria-labelledby="ceiling-title" @close=${() => this.#ask(null)}>
        <h2 id="ceiling-title">${title}</h2>
        <p>${t(ceiling ? "removeCeilingMeans" : "setCeilingMeans")}</p>
        <div class="means stack" role="status">${this.#meansText()} ${this.#lossText(wish)}</div>
        ${this.#refusal ? html`<p class="fault" role="alert">${icon("warn")}${this.#refusal}</p>` : nothing}
        <p class="actions">
          <button type="button" class="button" autofocus @click=${closeDialog}>${t("cancel")}</button>
          <button type="button" class="button primary" @click=${this.#carryOut}>${t(ceiling ? "removeCeiling" : "save")}</button>
        </p>
      </dialog>
    `;
  }

  /** Whether it is open now, and which tasks stop and start. */
  #meansText() {
    const means = this.#means;
    if (!means) return html`<p class="small quiet">${t("loading")}</p>`;
    const { decision, stopping, starting, isWhole } = means;
    const { level } = this.#wish.ceiling ?? { level: this.#wish.ofPartner ? "partner" : "account" };
    return html`
      ${decision ? html`<p>${stateText(decision)}</p>` : nothing}
      ${stopping.total + starting.total === 0 ? html`<p>${t("noTaskAffected")}</p>` : nothing}
      ${taskList("tasksStopping", "stopping", stopping)} ${taskList("tasksStarting", "starting", starting)}
      ${isWhole ? nothing : html`<p class="small quiet">${t("firstWaiting", { count: TASKS })}</p>`}
      ${level === "partner" ? html`<p class="small quiet">${t("onlyThisAccount")}</p>` : nothing}
    `;
  }

  /** @param {Wish} wish */
  #lossText({ ceiling }) {
    if (ceiling || !this.#means) return nothing;
    const { loss } = this.#means;
    if (loss.length === 0) return html`<p class="later">${t("ceilingTakesNothing")}</p>`;
    const hours = hoursText(loss.reduce((sum, { minutes }) => sum + minutes, 0));
    const names = listText(loss.toSorted((one, other) => other.minutes - one.minutes).slice(0, NAMED).map(({ name }) => name));
    return html`<p class="later">${t("ceilingTakes", { count: loss.length, hours, names })}</p>`;
  }

  #carryOut = once(async (event) => {
    const { ofPartner, ceiling } = this.#wish;
    try {
      if (ceiling) await this.api.removeCeiling(ofPartner);
      else await this.api.setCeiling(this.group.id, ofPartner);
    } catch (error) {
      this.#refusal = refusalText(error);
      return this.update();
    }
    say(t(ceiling ? "ceilingRemoved" : "ceilingSet", { name: ceiling?.name ?? this.group.name }));
    closeDialog(event);
    await this.#load();
  });
}

/** Whether a ceiling is open, and until when. @param {Decision} decision */
function stateText(decision) {
  const shut = isShut(decision);
  const { allowed, at, next_change_at: change } = decision;
  // Of one that something else closes its own next change is not known.
  const until = change && allowed !== shut ? t("nextSentence") + t(shut ? "ceilingOpensAt" : "ceilingClosesAt", { at: momentText(change, at) }) : "";
  return t(shut ? "ceilingShutNow" : "ceilingOpenNow") + until;
}

define("ceiling-panel", CeilingPanel, ["api", "account", "token", "feed", "group", "fixed"]);
