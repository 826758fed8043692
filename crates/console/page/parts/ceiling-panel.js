// The ceilings of an account: groups that every task below must also be inside of. It lists those under which the account lies; lets a `group` become that of the
// account, or of its whole partner, and be taken away again, after saying what that closes now. Without a group it only lists and removes; it changes nothing
// where it is `fixed`.

import { address } from "../route.js";
import { closeDialog, modal, once } from "./dialog.js";
import { complain, refusalText, say } from "./notice.js";
import { icon } from "./icon.js";
import { ceilingLoss } from "../ceiling-loss.js";
import { hoursText, instantText, momentText, serverNow } from "../clock.js";
import { isOwn, levelText, mayRevoke } from "./revoke-closure.js";
import { listText, t } from "../language.js";
import { View, define, html, Latest, nothing, settled } from "../view.js";
import "../words/closure-words.js";

/** How many groups are looked at, with their next four weeks, and how many are named. */
const LOOKED_AT = 1000;
const NAMED = 3;

/** The states of tasks that run, and of those that wait. */
const RUNNING = "2";
const WAITING = "3";

/** What the person is about to do: set the group, or take a ceiling away. @typedef {{ ofPartner: boolean, ceiling: Ceiling | null }} Wish */

class CeilingPanel extends View {
  /** @type {Ceiling[]} */
  #ceilings = null;
  /** @type {Wish | null} */
  #wish = null;
  /** What it would change; null until that is known. @type {{ decision: Decision, running: number, waiting: number, loss: ReturnType<typeof ceilingLoss> } | null} */
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

  /** Learns what it would change. The API has no preview of it: the state and the calendar of the group say, what is open now, and how many tasks run or wait. @param {Wish} wish */
  async #look(wish) {
    const id = wish.ceiling ? wish.ceiling.dial_time_id : this.group.id;
    // Of a group of another account nothing is known here.
    if (id === null) return;
    const one = { page: 1, per_page: 1 };
    try {
      const [decision, running, waiting, loss] = await Promise.all([
        this.api.groupDecision(id, null, this),
        this.api.tasks({ ...one, status: RUNNING }, this),
        this.api.tasks({ ...one, status: WAITING }, this),
        wish.ceiling ? [] : this.#loss(id),
      ]);
      if (this.#wish === wish) this.#means = { decision: decision.data, running: running.meta.total, waiting: waiting.meta.total, loss };
    } catch (error) {
      if (!error.missing) complain(error);
    }
    this.update();
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
        <div class="means stack" role="status"><p>${this.#meansText(wish)}</p>${this.#lossText(wish)}</div>
        ${this.#refusal ? html`<p class="fault" role="alert">${icon("warn")}${this.#refusal}</p>` : nothing}
        <p class="actions">
          <button type="button" class="button" autofocus @click=${closeDialog}>${t("cancel")}</button>
          <button type="button" class="button primary" @click=${this.#carryOut}>${t(ceiling ? "removeCeiling" : "save")}</button>
        </p>
      </dialog>
    `;
  }

  /** @param {Wish} wish */
  #meansText({ ceiling }) {
    const means = this.#means;
    if (!means) return nothing;
    const { allowed, at, next_change_at: change } = means.decision;
    const until = change ? t("nextSentence") + t(allowed ? "ceilingClosesAt" : "ceilingOpensAt", { at: momentText(change, at) }) : "";
    if (ceiling) return (allowed ? t("ceilingOpenNow") : t("mayStart", { count: means.waiting })) + until;
    return html`${allowed ? t("ceilingOpenNow") : html`<b class="strong ${means.running > 0 ? "is-bad" : ""}">${t("ceilingStops", { count: means.running })}</b>`}${until}`;
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

define("ceiling-panel", CeilingPanel, ["api", "account", "token", "feed", "group", "fixed"]);
