// Plans a closure: what for, from when to when, and whom it hits. Tells `planned` and `closed`. `name` is that of the account, `zone` the
// server's, on whose clock the times are; `token` says whether everything of its partner may be closed.

import { addDays, todayIn } from "../clock.js";
import { closureHits } from "../closure-hits.js";
import { CODE, wishKey } from "../api.js";
import { complain, say } from "./notice.js";
import { faultLine, Faults, invalid } from "./faults.js";
import { icon } from "./icon.js";
import { Latest, View, define, html, nothing, settled, textOf } from "../view.js";
import { once } from "./dialog.js";
import { t } from "../language.js";
import "../words/closure-words.js";

/** How long the times rest before it is asked whom they hit. */
const REST = 300;

/** Times that are wanted often, from today's date on. @type {Record<string, (today: string) => [string, string]>} */
const PRESETS = {
  restOfToday: (today) => ["", `${addDays(today, 1)} 00:00`],
  tomorrowAfternoon: (today) => [`${addDays(today, 1)} 12:00`, `${addDays(today, 1)} 18:00`],
  tomorrow: (today) => [`${addDays(today, 1)} 00:00`, `${addDays(today, 2)} 00:00`],
};

const FIELDS = ["name", "begin", "end"];

class PlanClosure extends View {
  #times = { begin: "", end: "" };
  #faults = new Faults();
  /** @type {import("../closure-hits.js").Hits | null} */
  #hits = null;
  #reading = new Latest();
  #look = settled(REST, () => this.#count());
  /** The closure that was last sent, and the key of that wish, which stays the same however often it must be sent. */
  #wish = { body: "", key: "" };

  start() {
    requestAnimationFrame(() => this.querySelector("input")?.focus());
  }

  async #count() {
    if (!this.isConnected) return;
    const { begin, end } = this.#times;
    try {
      this.#hits = await closureHits(this.api, begin, end, this.#reading.instead(this.signal));
      this.update();
    } catch (error) {
      // What is wrong with the times is said when they are saved.
      if (error.code !== CODE.invalid) complain(error);
    }
  }

  draw() {
    return html`
      <form class="panel plan-closure" aria-labelledby="plan-title" @submit=${this.#plan}>
        <header><h2 id="plan-title">${t("planClosure")}</h2><span class="push small quiet">${t("timesIn", { zone: this.zone })}</span></header>
        <div class="body stack">
          ${this.#presets()}
          <div class="row wrap">
            <label class="over">
              ${t("closureName")}
              <input class="field" name="name" maxlength="64" required autocomplete="off" ${invalid(this.#faults, null, "name")} />
              ${faultLine(this.#faults, null, "name")}
            </label>
            ${this.#time("begin", t("closureFrom"))} ${this.#time("end", t("closureEnd"))}
          </div>
          ${this.token?.user_id === null ? this.#levels() : nothing}
          <p class="small hits" role="status">${this.#hitsText()}</p>
          ${this.#faults.beside(FIELDS).map((text) => html`<p class="fault" role="alert">${icon("warn")}${text}</p>`)}
        </div>
        <footer>
          <span class="push row">
            <button type="button" class="button" @click=${() => this.tell("closed")}>${t("cancel")}</button>
            <button type="submit" class="button primary">${icon("check")}${t("save")}</button>
          </span>
        </footer>
      </form>
    `;
  }

  #presets() {
    const take = (name) => {
      const [begin, end] = PRESETS[name](todayIn(this.zone));
      this.#put({ begin, end });
      // What is left is what it is for.
      this.querySelector("input").focus();
    };
    return html`
      <div class="row wrap" role="group" aria-label=${t("usualTimes")}>
        ${Object.keys(PRESETS).map((name) => html`<button type="button" class="button little" value=${name} @click=${() => take(name)}>${t(`preset.${name}`)}</button>`)}
      </div>
    `;
  }

  #time(field, label) {
    return html`
      <label class="over">
        ${label}
        <input
          class="field"
          name=${field}
          maxlength="19"
          autocomplete="off"
          placeholder="YYYY-MM-DD HH:MM"
          ?required=${field === "end"}
          ${textOf(this.#times[field])}
          ${invalid(this.#faults, null, field)}
          @input=${(event) => this.#put({ ...this.#times, [field]: event.target.value })}
        />
        ${faultLine(this.#faults, null, field)}
      </label>
    `;
  }

  #levels() {
    return html`
      <fieldset class="choices">
        <legend>${t("closureCovers")}</legend>
        <label class="row"><input type="radio" name="level" value="account" checked />${t("stopAccount", { name: this.name })}</label>
        <label class="row"><input type="radio" name="level" value="partner" />${t("stopPartner")}</label>
      </fieldset>
    `;
  }

  #hitsText() {
    if (!this.#hits) return nothing;
    const { groups, isWhole } = this.#hits;
    if (groups === 0 && isWhole) return t("closureHitsNone");
    return t(isWhole ? "closureHits" : "closureHitsAtLeast", this.#hits);
  }

  #put(times) {
    this.#times = times;
    this.#hits = null;
    this.#look();
    this.update();
  }

  #plan = once(async (event) => {
    const form = new FormData(event.target);
    const { begin, end } = this.#times;
    const closure = { name: String(form.get("name")).trim(), begin: begin.trim() || undefined, end: end.trim() };
    const ofPartner = form.get("level") === "partner";
    try {
      await this.api.planClosure(closure, this.#wishFor({ closure, ofPartner }), ofPartner);
      say(t("closurePlanned", closure));
      this.tell("planned");
    } catch (error) {
      if (error.code !== CODE.invalid) return complain(error);
      this.#faults = new Faults(error.faults);
      this.update();
    }
  });

  /** The key of the wish for this closure. Where no answer came, it may have been fulfilled already. */
  #wishFor(wish) {
    const body = JSON.stringify(wish);
    if (this.#wish.body !== body) this.#wish = { body, key: wishKey() };
    return this.#wish.key;
  }
}

define("plan-closure", PlanClosure, ["api", "account", "name", "token", "zone"]);
