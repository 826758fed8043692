// The settings of a group beside its windows: said in a few words, or as fields. It shows a `draft` with its `faults`, and tells `set` with
// `{field, value}`. `calendars` are the holiday calendars that there are, `zone` the server's, `fresh` whether the group is new, `fixed` whether it only shows.

import { faultLine, invalid } from "./faults.js";
import { listText, t } from "../language.js";
import { View, define, html, live, nothing, textOf } from "../view.js";

const CHOICES = { holiday_policy: ["closed", "statutory_only", "own_windows", "open"], makeup_policy: ["as_is", "as_workday"], beyond_horizon: ["weekly", "weekdays_only", "closed"] };

const FIELDS = ["name", "timezone", "holiday_calendar", "holiday_policy", "makeup_policy", "beyond_horizon", "is_default", "skip_holiday"];

class GroupSettings extends View {
  #asked = false;

  /** Shows the fields, with the focus in the name. */
  open() {
    this.#asked = true;
    this.drawNow();
    this.querySelector("input").focus();
  }

  get #isOpen() {
    return this.#asked || this.fresh || FIELDS.some((field) => this.faults.of(null, field).length > 0);
  }

  draw() {
    return html`
      <header>
        <h2 id="settings-title">${t("settings")}</h2>
        ${this.#isOpen || this.fixed ? nothing : html`<button type="button" class="button plain little push" @click=${() => this.open()}>${t("change")}</button>`}
      </header>
      ${this.#isOpen ? this.#fields() : this.#facts()}
    `;
  }

  #facts() {
    const draft = this.draft;
    return html`
      <dl class="facts">
        <dt>${t("timezone")}</dt>
        <dd>${draft.timezone}</dd>
        <dt>${t("holidays")}</dt>
        <dd>${draft.skip_holiday ? t("skipsCalendar", { id: listText(draft.shown.calendars) }) : t("skipsNone")}</dd>
        ${draft.skip_holiday
          ? html`
              <dt>${t("holidayPolicy")}</dt>
              <dd>${t(`holidays.${draft.holiday_policy}`)}</dd>
              <dt>${t("makeupPolicy")}</dt>
              <dd>${t(`makeup.${draft.makeup_policy}`)}</dd>
              <dt>${t("beyondHorizon")}</dt>
              <dd>${t(`beyond.${draft.beyond_horizon}`)}</dd>
            `
          : nothing}
        ${draft.is_default ? html`<dt>${t("default")}</dt><dd>${t("yes")}</dd>` : nothing}
      </dl>
    `;
  }

  #fields() {
    const draft = this.draft;
    return html`
      <div class="body settings">
        ${this.#textField("name", t("name"), { maxlength: 64 })}
        ${this.#textField("timezone", t("timezone"), { list: "zones", placeholder: this.fresh ? t("serverZone", { zone: this.zone || "…" }) : "" })}
        <datalist id="zones">${Intl.supportedValuesOf("timeZone").map((zone) => html`<option value=${zone}></option>`)}</datalist>
        ${this.#checkField("is_default", t("isDefault"))} ${this.#checkField("skip_holiday", t("skipHoliday"))}
        ${this.#choiceField("holiday_calendar", t("holidayCalendar"), [...new Set([...this.calendars, draft.holiday_calendar])], (id) => id)}
        ${this.#choiceField("holiday_policy", t("holidayPolicy"), CHOICES.holiday_policy, (code) => t(`holidays.${code}`))}
        ${this.#choiceField("makeup_policy", t("makeupPolicy"), CHOICES.makeup_policy, (code) => t(`makeup.${code}`))}
        ${this.#choiceField("beyond_horizon", t("beyondHorizon"), CHOICES.beyond_horizon, (code) => t(`beyond.${code}`))}
      </div>
    `;
  }

  #set(field, value) {
    this.tell("set", { field, value });
  }

  #textField(field, label, { maxlength = undefined, list = undefined, placeholder = "" }) {
    return html`
      <label class="over">
        ${label}
        <input
          class="field"
          name=${field}
          autocomplete="off"
          maxlength=${maxlength ?? nothing}
          list=${list ?? nothing}
          placeholder=${placeholder}
          ${textOf(this.draft[field])}
          ${invalid(this.faults, null, field)}
          @change=${(event) => this.#set(field, event.target.value.trim())}
        />
        ${faultLine(this.faults, null, field)}
      </label>
    `;
  }

  #checkField(field, label) {
    const change = (event) => this.#set(field, event.target.checked);
    return html`
      <label class="check"><input type="checkbox" class="tick" name=${field} .checked=${live(this.draft[field])} @change=${change} /> ${label}</label>
    `;
  }

  /** A choice that only matters where holidays are skipped. */
  #choiceField(field, label, codes, text) {
    return html`
      <label class="over">
        ${label}
        <select class="field" name=${field} ?disabled=${!this.draft.skip_holiday} ${invalid(this.faults, null, field)} @change=${(event) => this.#set(field, event.target.value)}>
          ${codes.map((code) => html`<option value=${code} ?selected=${code === this.draft[field]}>${text(code)}</option>`)}
        </select>
        ${faultLine(this.faults, null, field)}
      </label>
    `;
  }
}

define("group-settings", GroupSettings, ["draft", "faults", "calendars", "zone", "fresh", "fixed"]);
