// Whom a planned closure hits: the groups that would be open in its time, and the tasks that use them.

import { addDays, isDate } from "./clock.js";
import { DAY, minutesOf } from "./week.js";
import { WallClock } from "./days.js";

/** How many groups are looked at, and how many come at once. */
const LOOKED_AT = 500;
const AT_ONCE = 100;

/** How many groups and tasks those are, and whether there may be more than were looked at. @typedef {{ groups: number, tasks: number, isWhole: boolean }} Hits */

/** A wall clock as it is written, `2026-12-01 12:00`; null where it is none. @param {string} text */
export function wallTimeOf(text) {
  const [date, time = ""] = text.trim().split(/\s+/);
  const minutes = minutesOf(time.slice(0, 5));
  return minutes === null || minutes === DAY || !isDate(date) ? null : { date, minutes };
}

/** The first instant at which the server's clock shows that. @param {AccountApi} api @param {{ date: string, minutes: number }} wall */
async function instantOf(api, { date, minutes }, options) {
  const calendar = await api.serverCalendar({ from: date, to: addDays(date, 1) }, options);
  return new WallClock(calendar).instants(date, minutes)[0] ?? calendar.to;
}

/**
 * Of a closure from `begin` (empty: now) to `end`, as they are written; null where they are no times.
 * @param {AccountApi} api @param {string} begin @param {string} end @returns {Promise<Hits | null>}
 */
export async function closureHits(api, begin, end, options) {
  const [first, last] = [wallTimeOf(begin), wallTimeOf(end)];
  if (!last || (begin.trim() !== "" && !first)) return null;
  const [at, until] = await Promise.all([first ? instantOf(api, first, options) : null, instantOf(api, last, options)]);
  const hits = { groups: 0, tasks: 0, isWhole: true };
  for (let page = 1; page <= LOOKED_AT / AT_ONCE; page++) {
    const { data, meta } = await api.groups({ page, per_page: AT_ONCE }, options);
    const decisions = data.length > 0 ? await api.decisions(data.map(({ id }) => ({ group_id: id, at })), options) : [];
    const hit = data.filter((_, index) => decisions[index] && isOpenBefore(decisions[index], until));
    hits.groups += hit.length;
    hits.tasks += hit.reduce((sum, { task_count: count }) => sum + count, 0);
    hits.isWhole = page >= meta.last_page;
    if (hits.isWhole) break;
  }
  return hits;
}

/** @param {Decision} decision @param {string} until */
function isOpenBefore({ allowed, next_allowed_at: next }, until) {
  return allowed || (next !== null && Date.parse(next) < Date.parse(until));
}
