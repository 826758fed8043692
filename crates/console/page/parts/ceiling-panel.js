// The ceilings of an account: groups that every task below must also be inside of. It lists those under which the account lies; lets a `group` become that of the
// account, or of its whole partner, and be taken away again, after saying which tasks below stop and start, as the API says. Without a group it only lists and removes; it
// changes nothing where it is `fixed`.

import { address } from "../route.js";
import { closeDialog, modal, once } from "./dialog.js";
import { complain, refusalText, say } from "./notice.js";
import { icon } from "./icon.js";
import { changeOf, isShut } from "../ceiling-change.js";
import { hoursText, instantText, momentText } from "../clock.js";
import { Names } from "../names.js";
import { isOwn, levelText, mayRevoke } from "./revoke-closure.js";
import { listText, t } from "../language.js";
import { taskList } from "./effects.js";
import { View, define, html, Latest, nothing, settled } from "../view.js";
import "../words/closure-words.js";

/** How many groups are named, of those that are open less or more; and how many the API looks at. */
const NAMED = 3;
const LOOKED_AT = 1000;

/** The decision of the group, null of one of another account; and what comes of it. @typedef {{ decision: Decision | null, effects: Data<"remove_ceiling"> }} CeilingMeaning */

/** What the person is about to do: set the group, or take a ceiling away. @typedef {{ ofPartner: boolean, ceiling: Ceiling | null }} Wish */

class CeilingPanel extends View {
  /** @type {Ceiling[]} */
  #ceilings = null;
  /** @type {Wish | null} */
  #wish = null;
  /** What it would change. @type {CeilingMeaning | null} */
  #means = null;
  /** Why it was refused. */
  #refusal = "";
  #reading = new Latest();
  /** Groups by their account and id. */
  #groupNames = new Names((key) => this.#group(key), () => this.update());
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

  /** Learns what it would change. @param {Wish} wish */
  async #look(wish) {
    try {
      const group = wish.ceiling ? wish.ceiling.dial_time_id : this.group.id;
      const [effects, decision] = await Promise.all([this.#send(wish, true, this), group === null ? null : this.api.groupDecision(group, null, this)]);
      if (this.#wish !== wish) return;
      this.#means = { decision: decision?.data ?? null, effects: effects.data };
      const first = (opens) => changeOf(effects.data.later, opens).slice(0, NAMED).map(({ key }) => key);
      this.#groupNames.want([...first(false), ...first(true)]);
    } catch (error) {
      // Why it would be refused stands beside it; what is gone meanwhile, the list says.
      if (this.#wish === wish && !error.missing) this.#refusal = refusalText(error);
    }
    this.update();
  }

  /** @param {Wish} wish @param {boolean} dryRun @returns {Answer<"remove_ceiling">} */
  #send({ ofPartner, ceiling }, dryRun, options = undefined) {
    return ceiling ? this.api.removeCeiling(ofPartner, dryRun, options) : this.api.setCeiling(this.group.id, ofPartner, dryRun, options);
  }

  /** @param {string} key */
  #group(key) {
    const [owner, id] = key.split(" ");
    const { user } = this.account;
    return this.api.for({ user, subUser: owner === user ? null : owner }).group(id, this);
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
        <div class="means stack" role="status">${this.#means ? this.#meansText(this.#means) : this.#refusal ? nothing : html`<p class="small quiet">${t("loading")}</p>`}</div>
        ${this.#refusal ? html`<p class="fault" role="alert">${icon("warn")}${this.#refusal}</p>` : nothing}
        <p class="actions">
          <button type="button" class="button" autofocus @click=${closeDialog}>${t("cancel")}</button>
          <button type="button" class="button primary" @click=${this.#carryOut}>${t(ceiling ? "removeCeiling" : "save")}</button>
        </p>
      </dialog>
    `;
  }

  /** Whether it is open now, which tasks stop and start, and what is open otherwise later. @param {CeilingMeaning} means */
  #meansText({ decision, effects }) {
    const { stopping, starting, later, later_total: total, groups } = effects;
    const changes = [changeOf(later, false), changeOf(later, true)];
    return html`
      ${decision ? html`<p>${stateText(decision)}</p>` : nothing}
      ${stopping.total + starting.total === 0 ? html`<p>${t("noTaskAffected")}</p>` : nothing}
      ${taskList("tasksStopping", "stopping", stopping)} ${taskList("tasksStarting", "starting", starting)}
      <p class="later">
        ${total === 0 ? t("ceilingChangesNothing") : nothing} ${this.#laterText("ceilingTakes", changes[0])} ${this.#laterText("ceilingGives", changes[1])}
      </p>
      ${total > later.length || groups === LOOKED_AT ? html`<p class="small quiet">${t("firstLookedAt", { count: LOOKED_AT })}</p>` : nothing}
    `;
  }

  /** @param {import("../ceiling-change.js").GroupChange[]} changes */
  #laterText(text, changes) {
    if (changes.length === 0) return nothing;
    const hours = hoursText(changes.reduce((sum, { minutes }) => sum + minutes, 0));
    const names = listText(changes.slice(0, NAMED).map(({ key, group }) => this.#groupNames.get(key) ?? String(group)));
    return t(text, { count: changes.length, hours, names });
  }

  #carryOut = once(async (event) => {
    const { ceiling } = this.#wish;
    try {
      await this.#send(this.#wish, false);
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
