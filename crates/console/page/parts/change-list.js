// What differs between two drafts of a group, for people.

import { exceptionDays } from "./exception-words.js";
import { changedFields, exceptionChanges, seasonChanges } from "../group-draft.js";
import { difference, timeText, union } from "../week.js";
import { html, nothing } from "../view.js";
import { hoursText } from "../clock.js";
import { icon } from "./icon.js";
import { seasonDays } from "./season-words.js";
import { listText, t, weekday } from "../language.js";

/**
 * Windows and exceptions added and removed, and each other setting as it was and as it is to be; `more` are changes that drafts do not have,
 * `calendarName` says what a holiday calendar is called.
 * @param {Draft} before @param {Draft} after @param {string[]} [more] @param {(id: string) => string} [calendarName]
 */
export function changeList(before, after, more = [], calendarName = (id) => id) {
  const fields = changedFields(before, after);
  const { added, removed } = difference(before.windows, after.windows);
  const exceptions = exceptionChanges(before.exceptions, after.exceptions);
  const seasons = seasonChanges(before.seasons, after.seasons);
  const sameSeasons = fields.includes("seasons") && seasons.added.length + seasons.removed.length === 0;
  const sameTimes = fields.includes("content") && added.length + removed.length === 0;
  return html`
    <ul class="changes">
      ${[...removed.map(pieceText), ...exceptions.removed.map(exceptionText), ...seasons.removed.map(seasonText)].map(
        (what) => html`<li class="removed">${icon("minus")}<span>${t("removed", { what })}</span></li>`,
      )}
      ${[...added.map(pieceText), ...exceptions.added.map(exceptionText), ...seasons.added.map(seasonText)].map(
        (what) => html`<li class="added">${icon("plus")}<span>${t("added", { what })}</span></li>`,
      )}
      ${sameSeasons ? html`<li>${icon("updown")}<span>${t("seasonOrder")}</span></li>` : nothing}
      ${sameTimes ? html`<li>${t("sameTimes")}</li>` : nothing}
      ${fields
        .filter((field) => field in FIELD_WORDS)
        .map((field) => html`<li>${icon("gear")}<span>${fieldText(field, before, after, calendarName)}</span></li>`)}
      ${more.map((what) => html`<li>${icon("gear")}<span>${what}</span></li>`)}
      ${fields.length + more.length === 0 ? html`<li class="quiet">${t("nothingChanges")}</li>` : nothing}
    </ul>
  `;
}

function pieceText({ week, from, to }) {
  return `${weekday(week)} ${timeText(from)}–${timeText(to)}`;
}

/** @param {ExceptionRow} exception */
function exceptionText(exception) {
  const closed = exception.windows.length === 0 ? t("closedAllDay") : "";
  const effect = exception.effect === "replace" ? closed : t(`effect.${exception.effect}`);
  return [exception.name, exceptionDays(exception), effect].filter(Boolean).join(" ");
}

/** @param {SeasonRow} season */
function seasonText(season) {
  const hours = union(season.windows).reduce((sum, { from, to }) => sum + to - from, 0);
  return [t("season"), season.name, seasonDays(season), t("hoursAWeek", { hours: hoursText(hours) })].filter(Boolean).join(" ");
}

/** How many things that is. @param {Draft} before @param {Draft} after */
export function changeCount(before, after) {
  const fields = changedFields(before, after);
  const { added, removed } = difference(before.windows, after.windows);
  const exceptions = exceptionChanges(before.exceptions, after.exceptions);
  const seasons = seasonChanges(before.seasons, after.seasons);
  const listed = [added, removed, exceptions.added, exceptions.removed, seasons.added, seasons.removed].reduce((sum, { length }) => sum + length, 0);
  return Math.max(listed + fields.filter((field) => field in FIELD_WORDS).length, Math.min(fields.length, 1));
}

/** The fields that are told as they were and as they are to be. */
const FIELD_WORDS = {
  name: "name",
  is_default: "isDefault",
  skip_holiday: "skipHoliday",
  timezone: "timezone",
  holiday_calendars: "holidayCalendar",
  holiday_policy: "holidayPolicy",
  holiday_windows: "holidayWindows",
  makeup_policy: "makeupPolicy",
  beyond_horizon: "beyondHorizon",
};

function fieldText(field, before, after, calendarName) {
  const label = t(FIELD_WORDS[field]);
  return t("fieldChange", { label, before: valueText(field, before[field], calendarName), after: valueText(field, after[field], calendarName) });
}

function valueText(field, value, calendarName) {
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  if (field === "holiday_calendars") return listText(value.map(calendarName));
  if (field === "holiday_windows") return listText(value.map(({ begin_time, end_time }) => `${begin_time}–${end_time}`)) || "–";
  if (field === "holiday_policy") return t(`holidays.${value}`);
  if (field === "makeup_policy") return t(`makeup.${value}`);
  if (field === "beyond_horizon") return t(`beyond.${value}`);
  return value || "–";
}
