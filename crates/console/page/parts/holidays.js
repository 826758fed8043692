// What several views of holidays say alike: whose a calendar is, what a day is, how an address fares.

import { html, nothing } from "../view.js";
import { icon } from "./icon.js";
import { learnWords, t } from "../language.js";
import { chineseHolidays } from "../words/chinese-holidays.js";
import { englishHolidays } from "../words/english-holidays.js";

learnWords(chineseHolidays, englishHolidays);

/** @typedef {HolidayCalendar["days"][number]} HolidayDay */

/** What a day can be. @type {HolidayDay["kind"][]} */
export const KINDS = ["holiday", "moved_holiday", "makeup_workday", "half_day", "observance"];

/** How those read at a glance that do not simply close, or do nothing: worked, and worked in part. */
const SIGNS = { makeup_workday: "open", half_day: "wait" };

/** Whether an account may change a calendar. @param {HolidayCalendar} calendar @param {Account} account */
export function isOwn({ account_id: owner }, { user, subUser }) {
  return owner !== null && owner === (subUser ?? user);
}

/** Whose a calendar is. @param {HolidayCalendar} calendar @param {Account} account */
export function ownerText(calendar, account) {
  if (calendar.account_id === null) return t("ofInstallation");
  return t(isOwn(calendar, account) ? "ofThisAccount" : "ofItsUser");
}

/** @param {HolidayDay["kind"]} kind */
export function kindTag(kind) {
  return html`<span class="tag ${SIGNS[kind] ?? ""}">${t(`kind.${kind}`)}</span>`;
}

/** A day in words; one that is none is like any other. @param {HolidayDay | null} day */
export function dayText(day) {
  if (!day) return html`<span class="quiet">${t("ordinaryDay")}</span>`;
  const times = day.times.map(({ begin_time: begin, end_time: end }) => `${begin}–${end}`);
  return html`${kindTag(day.kind)} ${day.name}${times.length > 0 ? html` <small class="quiet">${times.join(t("comma"))}</small>` : nothing}`;
}

/** The weekday of a date. @param {string} date */
export function weekdayText(date) {
  return t(`weekday.${new Date(`${date}T00:00:00Z`).getUTCDay()}`);
}

/** How an address fares. @param {NonNullable<HolidayCalendar["feed"]>} feed */
export function feedChip({ failing, read_at: read }) {
  if (failing) return html`<span class="chip bad">${icon("warn")}${t(`feed.${failing.fault}`)}</span>`;
  return read ? html`<span class="chip open">${icon("check")}${read}</span>` : html`<span class="chip wait">${icon("wait")}${t("notReadYet")}</span>`;
}

/** What entries of a file can be taken for that are not understood. */
const UNCLEAR = /** @type {const} */ (["day_off", "makeup_workday", "observance", "leave_out"]);

/** Asks for one of those; `none` is what it reads where none is said. `chosen` is called with a code, or with nothing. */
export function unclearChoice(unclear, none, chosen) {
  return html`
    <label class="over">
      ${t("unclearAre")}
      <select class="field" name="unclear" @change=${({ target }) => chosen(target.value)}>
        <option value="" ?selected=${!unclear}>${none}</option>
        ${UNCLEAR.map((one) => html`<option value=${one} ?selected=${unclear === one}>${t(`unclear.${one}`)}</option>`)}
      </select>
    </label>
  `;
}
