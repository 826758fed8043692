// What an exception is about, in words. Pure.

import { listText, t, weekday } from "../language.js";

/** `2026-12-31，14:00–18:00`. @param {ExceptionRow} exception */
export function exceptionDays({ days, begin_date: first, end_date: last, windows }) {
  const dates = !first || first === last || !last ? first : `${first} – ${last}`;
  const times = listText(windows.map(({ begin_time, end_time }) => `${begin_time}–${end_time}`));
  return [chosenDays(days), dates, times].filter(Boolean).join(t("pause"));
}

/** `每月最后一个周六`; nothing where it is each of the dates. @param {ExceptionDays} days */
function chosenDays({ on, week, nth, month }) {
  if (on === "date") return "";
  const nthText = () => t(nth === -1 ? "lastWeekday" : "nthWeekday", { nth: String(nth), weekday: weekday(week) });
  const which = on === "nth_weekday" ? nthText() : t(`on.${on}`);
  return [which, month ? t("inMonth", { month }) : ""].filter(Boolean).join(t("pause"));
}
