// What differs between two versions of a group beside what its editor shows: further calendars, the windows of days off, the override. Pure.

import { instantText } from "../clock.js";
import { listText, t } from "../language.js";

/** Each with how it is told; those that mean the same read the same. @type {[string, (group: Group) => string][]} */
const FIELDS = [
  ["holidayCalendar", ({ holiday_calendars: all }) => (all.length > 1 ? listText(all) : "")],
  ["holidayWindows", ({ holiday_windows: windows }) => listText(windows.map(({ begin_time, end_time }) => `${begin_time}–${end_time}`))],
];

/** Those that restoring takes along. @param {Group} before @param {Group} after @returns {string[]} */
export function unshownChanges(before, after) {
  return FIELDS.flatMap(([label, textOf]) => fieldChange(label, textOf(before), textOf(after)));
}

/** The override, which stays as it is when a version is restored. @param {Group} before @param {Group} after @returns {string[]} */
export function overrideChange({ override: before }, { override: after }) {
  return fieldChange("overridden", overrideText(before), overrideText(after));
}

function fieldChange(label, before, after) {
  return before === after ? [] : [t("fieldChange", { label: t(label), before: before || "–", after: after || "–" })];
}

/** @param {Group["override"]} over */
function overrideText(over) {
  return over ? [t("overrideWas", { state: t(`override.${over.state}`), until: instantText(over.until) }), over.reason].filter(Boolean).join(t("pause")) : "";
}
