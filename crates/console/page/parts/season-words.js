// What a season is called and when it holds, in words. Pure.

import { t } from "../language.js";

/** @param {SeasonRow} season @param {number} index */
export function seasonName({ name }, index) {
  return name || t("seasonNumber", { number: index + 1 });
}

/** `06-01 – 08-31`, `每 2 周`. @param {SeasonRow} season */
export function seasonDays({ kind, begin_date: first, end_date: last, every_weeks: number, anchor_date: anchor }) {
  if (kind === "weeks") return `${t("everyWeeks", { number })}${t("pause")}${anchor}`;
  return !last || first === last ? first : `${first} – ${last}`;
}
