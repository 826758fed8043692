// The settings of a group beside its windows: said in a few words, or as fields. It shows a `draft` with its `faults`, and tells `set` with
// `{field, value}`. `calendars` are the holiday calendars that there are, `zone` the server's, `fresh` whether the group is new, `fixed` whether it only shows.

import { faultLine, invalid } from "./faults.js";
import { icon } from "./icon.js";
import { listText, t } from "../language.js";
import { nextWindow, timeRows } from "./week-times.js";
import { View, define, html, live, nothing, textOf } from "../view.js";
import "../words/group-words.js";

const CHOICES = { holiday_policy: ["closed", "statutory_only", "own_windows", "open"], makeup_policy: ["as_is", "as_workday"], beyond_horizon: ["weekly", "weekdays_only", "closed"] };

const FIELDS = ["name", "timezone", "holiday_calendars", "holiday_policy", "holiday_windows", "makeup_policy", "beyond_horizon", "is_default", "skip_holiday"];

const EDGES = ["begin_time", "end_time"];

class GroupSettings extends View {
  #asked = false;

  /** Shows the fields, with the focus in the name. */
  open() {
    this.#asked = true;
    this.drawNow();
    this.querySelector("input").focus();
  }

  get #isOpen() {
    return this.#asked || this.fresh || FIELDS.some((field) => this.faults.of(null, field).length > 0) || this.draft.holiday_windows.some(({ key }) => EDGES.some((edge) => this.faults.of(key, edge).length > 0));
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
        <dd>${draft.skip_holiday ? t("skipsCalendar", { calendars: this.#calendarNames() }) : t("skipsNone")}</dd>
        ${draft.skip_holiday
          ? html`
              <dt>${t("holidayPolicy")}</dt>
              <dd>${t(`holidays.${draft.holiday_policy}`)}${this.#windowsText()}</dd>
              <dt>${t("makeupPolicy")}</dt>
              <dd>${t(`makeup.${draft.makeup_policy}`)}</dd>
              <dt>${t("beyondHorizon")}</dt>
              <dd>${t(`beyond.${draft.beyond_horizon}`)}</dd>
            `
          : nothing}
        ${draft.is_default ? html`<dt>${t("isDefault")}</dt><dd>${t("yes")}</dd>` : nothing}
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
        ${this.#calendarField()} ${this.#choiceField("holiday_policy", t("holidayPolicy"), CHOICES.holiday_policy, (code) => t(`holidays.${code}`))}
        ${draft.holiday_policy === "own_windows" || draft.holiday_windows.length > 0 ? this.#windowField() : nothing}
        ${this.#choiceField("makeup_policy", t("makeupPolicy"), CHOICES.makeup_policy, (code) => t(`makeup.${code}`))}
        ${this.#choiceField("beyond_horizon", t("beyondHorizon"), CHOICES.beyond_horizon, (code) => t(`beyond.${code}`))}
      </div>
    `;
  }

  /** What a calendar is called. */
  #nameOf(id) {
    return this.calendars.find((calendar) => calendar.id === id)?.name ?? id;
  }

  #calendarNames() {
    return listText(this.draft.holiday_calendars.map((id) => this.#nameOf(id)));
  }

  #windowsText() {
    const { holiday_policy: policy, holiday_windows: windows } = this.draft;
    return policy === "own_windows" ? t("pause") + (listText(windows.map(({ begin_time, end_time }) => `${begin_time}–${end_time}`)) || t("noWindow")) : "";
  }

  /** Which calendars it follows: one or several, the first of them leading. */
  #calendarField() {
    const followed = this.draft.holiday_calendars;
    const all = [...new Set([...followed, ...this.calendars.map(({ id }) => id)])];
    const turn = (id, on) => this.#set("holiday_calendars", on ? [...followed, id] : followed.filter((each) => each !== id));
    return html`
      <fieldset class="choices" ?disabled=${!this.draft.skip_holiday}>
        <legend>${t("holidayCalendar")}</legend>
        ${all.map(
          (id) => html`
            <label class="check"><input type="checkbox" class="tick" name="holiday_calendars" value=${id} .checked=${live(followed.includes(id))} @change=${({ target }) => turn(id, target.checked)} /> ${this.#nameOf(id)}</label>
          `,
        )}
        ${followed.length > 1 ? html`<small class="small quiet">${t("severalCalendarsMean")}</small>` : nothing} ${faultLine(this.faults, null, "holiday_calendars")}
      </fieldset>
    `;
  }

  /** When calls may go out on days off. */
  #windowField() {
    const { holiday_windows: windows, holiday_policy: policy } = this.draft;
    const put = (changed) => this.#set("holiday_windows", changed);
    return html`
      <fieldset class="choices holiday-windows" ?disabled=${!this.draft.skip_holiday}>
        <legend>${t("holidayWindows")}</legend>
        ${policy === "own_windows" ? nothing : html`<small class="small is-wait">${t("holidayWindowsUnused")}</small>`}
        ${timeRows(windows, t("dayOff"), this.faults, put)}
        <button type="button" class="button little add-window" aria-label=${t("addWindowTo", { day: t("dayOff") })} @click=${() => put([...windows, nextWindow(windows, 0)])}>${icon("plus")}${t("addWindow")}</button>
        ${faultLine(this.faults, null, "holiday_windows")}
      </fieldset>
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
