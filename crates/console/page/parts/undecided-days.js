// Days that a file of holidays or an address names in entries that nobody understood: each is decided by itself, once the calendar is there.

import { html, nothing } from "../view.js";
import { t } from "../language.js";
import { weekdayText } from "./holidays.js";

/** Such an entry. @typedef {{ place: string, name: string, date: string | null }} Undecided */

/** What the file that was stored last left undecided of its calendar: the API does not keep it. @type {{ id: string, entries: Undecided[] }} */
let left = { id: "", entries: [] };

/** Remembers what a file left undecided that was just stored. @param {Data<"import_holidays">} stored */
export function rememberUndecided({ id, left_out: entries }) {
  left = { id, entries: entries.filter(({ reason }) => reason === "not_understood") };
}

/** What is not decided of a calendar: not where it says something of the day. @param {HolidayCalendar} calendar @returns {Undecided[]} */
export function undecidedOf({ id, days, feed }) {
  const known = new Set(days.map(({ date }) => date));
  return [...(left.id === id ? left.entries : []), ...(feed?.not_understood ?? [])].filter(({ date }) => !known.has(date));
}

/** It was decided, or is to be left as it is. @param {string} id @param {string} date */
export function forgetUndecided(id, date) {
  if (left.id === id) left.entries = left.entries.filter((entry) => entry.date !== date);
}

/** A panel of those in `year`, with how to see the others; nothing where there are none. @param {Undecided[]} entries @param {number} year @param {(entry: Undecided) => void} decide @param {(year: number) => void} turn */
export function undecidedPanel(entries, year, decide, turn) {
  if (entries.length === 0) return nothing;
  const yearOf = ({ date }) => (date === null ? year : Number(date.slice(0, 4)));
  const others = [...new Set(entries.map(yearOf))].filter((one) => one !== year).toSorted();
  return html`
    <section class="panel undecided" aria-labelledby="undecided-title">
      <header><h2 id="undecided-title">${t("undecidedDays")}</h2><span class="chip wait push">${entries.length}</span></header>
      <p class="body small quiet">${t("undecidedMean")}</p>
      <ul class="rules">${entries.filter((entry) => yearOf(entry) === year).map((entry) => line(entry, decide))}</ul>
      ${others.length > 0
        ? html`<footer class="row wrap">${t("undecidedElsewhere")} ${others.map((one) => html`<button type="button" class="button plain little" @click=${() => turn(one)}>${t("yearOf", { year: one })}</button>`)}</footer>`
        : nothing}
    </section>
  `;
}

/** @param {Undecided} entry @param {(entry: Undecided) => void} decide */
function line(entry, decide) {
  const { place, name, date } = entry;
  return html`
    <li>
      <b class="strong">${date ? `${date} ${weekdayText(date)}` : name || place}</b>
      ${date ? html`<button type="button" class="button little decide" aria-label=${t("decideDayOf", { date })} @click=${() => decide(entry)}>${t("decideDay")}</button>` : nothing}
      <small>${[date && name, place].filter(Boolean).join(t("pause"))}</small>
    </li>
  `;
}
