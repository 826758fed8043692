// A group closed or opened for a while, whatever its windows say: what holds, and the form to set it. It shows a `group`, whose `zone` is the
// server's, on whose clock the times are; asks for it when it is `asked`; tells `overridden` with the group as it is then, and `closed`.
// Unless it is `fixed`.

import { CODE } from "../api.js";
import { complain, say } from "./notice.js";
import { faultLine, Faults, invalid } from "./faults.js";
import { icon } from "./icon.js";
import { instantText, serverNow, wallTimeIn } from "../clock.js";
import { once } from "./dialog.js";
import { t } from "../language.js";
import { View, define, html, nothing } from "../view.js";
import "../words/group-words.js";

const STATES = /** @type {const} */ (["closed", "open"]);

const FIELDS = ["state", "until", "reason"];

class GroupOverride extends View {
  #faults = new Faults();
  /** What is chosen in the form. @type {{ state: typeof STATES[number], isUntilChange: boolean }} */
  #chosen = { state: "closed", isUntilChange: true };
  #timer = null;

  /** The one that holds: it ends by itself. */
  get #running() {
    const over = this.group.override;
    if (!over || !this.zone) return null;
    const { date, time } = wallTimeIn(this.zone, serverNow());
    return `${date} ${time}` < over.until ? over : null;
  }

  start() {
    this.#timer = setInterval(() => this.update(), 1000);
  }

  stop() {
    clearInterval(this.#timer);
  }

  changed(property) {
    if (property !== "asked" || !this.asked) return;
    this.#faults = new Faults();
    requestAnimationFrame(() => this.querySelector("form input")?.focus());
  }

  draw() {
    const running = this.#running;
    return html`${running ? this.#banner(running) : nothing} ${this.asked && !this.fixed ? this.#form() : nothing}`;
  }

  /** @param {NonNullable<Group["override"]>} over */
  #banner({ state, begin, until, reason, set_by: by }) {
    const who = by.token_name ?? t("operator");
    return html`
      <div class="banner" data-override=${state} role="status">
        ${icon(state === "open" ? "play" : "pause")}
        <span>
          <b class="strong">${t(`overridden.${state}`, { until: instantText(until) })}</b>
          ${t("stoppedByBecause", { who, at: instantText(begin), reason })} <span class="quiet small">${t("timesIn", { zone: this.zone })}</span>
        </span>
        ${this.fixed ? nothing : html`<button type="button" class="button little push" @click=${this.#end}>${icon("undo")}${t("endOverride")}</button>`}
      </div>
    `;
  }

  #form() {
    return html`
      <form class="panel override-form" aria-labelledby="override-title" @submit=${this.#set}>
        <header><h2 id="override-title">${t("overrideGroup")}</h2><span class="push small quiet">${t("timesIn", { zone: this.zone })}</span></header>
        <div class="body stack">
          <p class="small quiet">${t("overrideMeans")}</p>
          <div class="row wrap">${this.#states()} ${this.#untils()}</div>
          <label class="over">
            ${t("stopReason")}
            <input class="field" name="reason" maxlength="200" required autocomplete="off" ${invalid(this.#faults, null, "reason")} />
            ${faultLine(this.#faults, null, "reason")}
          </label>
          ${this.#faults.beside(FIELDS).map((text) => html`<p class="fault" role="alert">${icon("warn")}${text}</p>`)}
        </div>
        <footer>
          <span class="push row">
            <button type="button" class="button" @click=${() => this.tell("closed")}>${t("cancel")}</button>
            <button type="submit" class="button primary">${icon("check")}${t(`override.${this.#chosen.state}`)}</button>
          </span>
        </footer>
      </form>
    `;
  }

  #choose(change) {
    this.#chosen = { ...this.#chosen, ...change };
    this.update();
  }

  #states() {
    return html`
      <fieldset class="choices">
        <legend>${t("overrideTo")}</legend>
        ${STATES.map(
          (state) => html`
            <label class="row">
              <input type="radio" class="tick" name="state" value=${state} .checked=${state === this.#chosen.state} @change=${() => this.#choose({ state })} />${t(`override.${state}`)}
            </label>
          `,
        )}
      </fieldset>
    `;
  }

  #untils() {
    const { isUntilChange } = this.#chosen;
    const choice = (value, label) => html`
      <label class="row">
        <input type="radio" class="tick" name="end" .checked=${value === isUntilChange} value=${value ? "change" : "instant"} @change=${() => this.#choose({ isUntilChange: value })} />${label}
      </label>
    `;
    return html`
      <fieldset class="choices">
        <legend>${t("overrideUntil")}</legend>
        ${choice(true, t("untilNextChange"))} ${choice(false, t("untilInstant"))}
        ${isUntilChange
          ? nothing
          : html`
              <input class="field" name="until" maxlength="19" required autocomplete="off" placeholder="YYYY-MM-DD HH:MM" aria-label=${t("untilInstant")} ${invalid(this.#faults, null, "until")} />
            `}
        ${faultLine(this.#faults, null, "until")}
      </fieldset>
    `;
  }

  #set = once(async (event) => {
    const form = new FormData(event.target);
    const { state, isUntilChange } = this.#chosen;
    const until = isUntilChange ? "next_change" : String(form.get("until")).trim();
    try {
      const { data } = await this.api.overrideGroup(this.group.id, { state, until, reason: String(form.get("reason")).trim() });
      say(t("overrideSet", data));
      this.tell("overridden", data);
    } catch (error) {
      if (error.code !== CODE.invalid) return complain(error);
      this.#faults = new Faults(error.faults);
      this.update();
    }
  });

  #end = once(async () => {
    try {
      const { data } = await this.api.endOverride(this.group.id);
      say(t("overrideEnded", data));
      this.tell("overridden", data);
    } catch (error) {
      complain(error);
    }
  });
}

define("group-override", GroupOverride, ["api", "group", "zone", "asked", "fixed"]);
