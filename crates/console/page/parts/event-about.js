// What an event is about, in words: the thing by its name, with its id as a title, and what else the event says of it.

import { address } from "../route.js";
import { html, nothing } from "../view.js";
import { instantText, momentText } from "../clock.js";
import { levelText } from "./revoke-closure.js";
import { t, word } from "../language.js";
import "../words/history-words.js";
import "../words/record-words.js";

/** What things are called, by their ids; undefined as long as that is not known. @typedef {{ group: (id: number) => string, task: (id: string) => string, calendar: (id: string) => string }} EventNames */

/** @param {AccountEvent} event @param {Account} account @param {EventNames} names */
export function eventAbout({ type, task_id: task, group_id: group, detail }, account, names) {
  return html`
    ${task ? link(address(account, "tasks", task), t("task"), detail?.name ?? names.task(task), task) : nothing}
    ${group ? link(address(account, "groups", String(group)), t("group"), names.group(group), String(group)) : nothing}
    ${detail ? detailText(type, detail, account, names, task) : nothing}
  `;
}

/** A thing by its name; where it has none that is known, by its id. @param {string | undefined} name */
function link(to, kind, name, id) {
  return html`<a href=${to} title=${id}><span class="faint">${kind}</span> ${name ?? id}</a>`;
}

function quiet(...texts) {
  return html`<span class="quiet">${texts.filter(Boolean).join(t("pause"))}</span>`;
}

/** What an event says beside its task and group. @param {any} detail @param {Account} account @param {EventNames} names */
function detailText(type, detail, account, names, task) {
  if (detail.holiday_calendar) return calendarText(detail, account, names);
  if (detail.closure_id) return closureText(detail, account);
  if (detail.ceiling) return ceilingText(detail, account);
  if (detail.line_name) return html`${link(address(account, "lines", detail.line_id), t("line"), detail.line_name, detail.line_id)} ${detail.class ? quiet(word("class", detail.class)) : nothing}`;
  if (detail.bot_url) return html`<code>${detail.bot_url}</code> ${detail.fault ? quiet(detail.fault.words) : nothing}`;
  if (detail.record_id) return recordText(detail, account, task);
  if (type === "import.finished") return quiet(word("import", detail.state), t("importCounted", detail));
  if (detail.level) return html`<span>${[actor(detail), detail.reason].filter(Boolean).join(t("colon"))}</span>`;
  if (detail.numbers !== undefined) return quiet(t("countOfNumbers", { count: detail.numbers }), detail.blocked_by && word("class", detail.blocked_by));
  return nothing;
}

/** @param {any} by */
function actor({ token_name: name }) {
  return name ?? t("operator");
}

/** @param {any} detail @param {Account} account @param {EventNames} names */
function calendarText({ holiday_calendar: id, known_until: until, days, kept_days: kept, since, fault }, account, names) {
  const says = [
    until && t("knownUntilThen", { date: until }),
    days !== undefined && t("daysChanged", { count: days }),
    kept > 0 && t("daysStay", { count: kept }),
    since && t("failsSince", { at: instantText(since) }),
    typeof fault === "string" && fault,
  ];
  return html`${link(address(account, "calendars", id), t("holidayCalendarKind"), names.calendar(id), id)} ${quiet(...says)}`;
}

function closureText({ closure_id: id, closure_name: name, begin, end, level, id: of, ...by }, account) {
  const times = `${instantText(begin)}–${momentText(end, begin)}`;
  return html`${link(address(account, "closures"), t("subject.closure"), name, id)} ${quiet(times, levelText({ level, account_id: of }, account), actor(by))}`;
}

function ceilingText({ ceiling, ceiling_name: name, level, id: of, ...by }, account) {
  const says = [word("ceilingIs", ceiling), levelText({ level, account_id: of }, account), actor(by)];
  return html`${link(address(account, "closures"), t("subject.ceiling"), name, of)} ${quiet(...says)}`;
}

/** How a call went, and the way to its record. @param {any} detail */
function recordText({ record_id: id, class: outcome, answerer, delete_at: deletion }, account, task) {
  const says = [outcome && word("class", outcome), answerer && word("answeredBy", answerer.answered_by), answerer && word("answererReason", answerer.reason), deletion && instantText(deletion)];
  return html`${task ? html`<a href=${address(account, "records", id, task)} title=${id}>${t("itsRecord")}</a>` : nothing} ${quiet(...says)}`;
}
