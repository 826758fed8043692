// A group while it is edited: what it was, what it is to be, and how the person got there. Pure.

import { fromContent, minutesOf, newKey, newWindow, toContent, WEEKDAYS } from "./week.js";

/** The fields beside the windows and the exceptions, which are sent as they are. */
export const PLAIN_FIELDS = [
  "name",
  "is_default",
  "skip_holiday",
  "timezone",
  "holiday_calendars",
  "holiday_policy",
  "makeup_policy",
  "beyond_horizon",
];

/** What a new group starts from. The zone is the server's unless it is given. @returns {any} */
export function blankGroup() {
  return {
    id: null,
    version: null,
    name: "",
    is_default: false,
    skip_holiday: true,
    timezone: "",
    holiday_policy: "closed",
    makeup_policy: "as_is",
    beyond_horizon: "weekly",
    content: [],
    exceptions: [],
    seasons: [],
    holiday_calendars: ["CN"],
    holiday_windows: [],
  };
}

/** The most characters of a name. */
const LONGEST_NAME = 64;

/** What a copy of a group starts from; an account has one default group only. @param {Group} group @param {string} name @returns {any} */
export function copyOfGroup(group, name) {
  return { ...group, id: null, version: null, name: [...name].slice(0, LONGEST_NAME).join(""), is_default: false, override: null };
}

/** The draft of a group as the API gives it. @param {Group} group @returns {Draft} */
export function draftOf(group) {
  const plain = Object.fromEntries(PLAIN_FIELDS.map((field) => [field, group[field]]));
  const holiday_windows = group.holiday_windows.map(({ begin_time, end_time }) => newWindow(0, begin_time, end_time));
  return { ...plain, windows: fromContent(group.content), exceptions: group.exceptions.map(exceptionRow), seasons: group.seasons.map(seasonRow), holiday_windows };
}

/** The draft with the rows of an earlier one, in their order, so that the focus stays in a row that is drawn again. */
export function withRowsOf(earlier, draft) {
  const windows = withKeysOf(earlier.windows, draft.windows, ({ week }) => week);
  const exceptions = withKeysOf(earlier.exceptions, draft.exceptions, () => null);
  const holiday_windows = withKeysOf(earlier.holiday_windows, draft.holiday_windows, () => null);
  return { ...draft, windows, exceptions, holiday_windows, seasons: withKeysOf(earlier.seasons, draft.seasons, () => null) };
}

function withKeysOf(earlier, rows, kindOf) {
  const known = Map.groupBy(earlier, kindOf);
  return rows.map((row) => {
    const before = known.get(kindOf(row))?.shift();
    if (!before) return row;
    const windows = row.windows && withKeysOf(before.windows, row.windows, () => null);
    return { ...row, key: before.key, ...(windows && { windows }) };
  });
}

/** @param {Group["exceptions"][number]} exception @returns {ExceptionRow} */
export function exceptionRow({ name, effect, on, week, nth, month, begin_date, end_date, times }) {
  const windows = times.map(({ begin_time, end_time }) => newWindow(0, begin_time, end_time));
  const days = { on: on ?? "date", week, nth, month };
  return { key: newKey(), name, effect: effect ?? "replace", days, begin_date, end_date: end_date ?? begin_date, windows };
}

/** @returns {ExceptionRow} */
export function newException(date) {
  return { key: newKey(), name: "", effect: "replace", days: { on: "date" }, begin_date: date, end_date: date, windows: [] };
}

/** @param {Group["seasons"][number]} season @returns {SeasonRow} */
function seasonRow({ name, begin_date, end_date, every_weeks, anchor_date, content }) {
  const kind = every_weeks ? "weeks" : "dates";
  const [begin, anchor] = [begin_date ?? "", anchor_date ?? ""];
  return { key: newKey(), name: name ?? "", kind, begin_date: begin, end_date: end_date ?? begin, every_weeks: every_weeks ? String(every_weeks) : "", anchor_date: anchor, windows: fromContent(content) };
}

/** One that begins today with these windows. @param {string} date @param {WindowRow[]} windows @returns {SeasonRow} */
export function newSeason(date, windows) {
  const own = windows.map((window) => ({ ...window, key: newKey() }));
  return { key: newKey(), name: "", kind: "dates", begin_date: date, end_date: date, every_weeks: "2", anchor_date: date, windows: own };
}

/** @param {SeasonRow} row @param {number} index @param {Map<string, number>} places */
function writtenSeason(row, index, places) {
  const { content, places: inside } = toContent(row.windows);
  places.set(`seasons[${index}]`, row.key);
  inside.forEach((key, place) => places.set(`seasons[${index}].${place}`, key));
  const { name, kind, begin_date, end_date, every_weeks, anchor_date } = row;
  if (kind === "dates") return { name, begin_date, end_date: end_date || undefined, content };
  // What is no number is said to be none by the server.
  const every = /^\d+$/.test(every_weeks) ? Number(every_weeks) : every_weeks;
  return { name, every_weeks: /** @type {any} */ (every), anchor_date, content };
}

/** What the API is told of a draft, and which row each of its fields stands for, to find where a fault belongs. @param {Draft} draft */
export function written(draft) {
  const { content, places } = toContent(draft.windows);
  const timesOf = (rows, place) =>
    rows.map(({ key, begin_time, end_time }, number) => {
      places.set(`${place}[${number}]`, key);
      return { begin_time, end_time };
    });
  const exceptions = draft.exceptions.map((row, index) => {
    places.set(`exceptions[${index}]`, row.key);
    const times = timesOf(row.windows, `exceptions[${index}].times`);
    const { name, effect, days, begin_date, end_date } = row;
    return { name, effect, ...days, begin_date: begin_date || undefined, end_date: end_date || undefined, times };
  });
  const seasons = draft.seasons.map((row, index) => writtenSeason(row, index, places));
  const plain = Object.fromEntries(PLAIN_FIELDS.map((field) => [field, draft[field]]));
  // A zone left empty is left to the server.
  if (!plain.timezone) delete plain.timezone;
  return { group: { ...plain, content, exceptions, seasons, holiday_windows: timesOf(draft.holiday_windows, "holiday_windows") }, places };
}

/** Where a draft has a time that is none: `{row, field}`. */
export function malformedTimes({ windows, exceptions, seasons, holiday_windows }) {
  return [...windows, ...holiday_windows, ...[...exceptions, ...seasons].flatMap((row) => row.windows)].flatMap((window) =>
    ["begin_time", "end_time"].filter((edge) => minutesOf(window[edge]) === null).map((field) => ({ row: window.key, field })),
  );
}

/** The keys of the rows of a field that are not there any more as they were. */
export function changedRows(before, after) {
  const rowsOf = (rows) => rows.flatMap((row) => [row, ...(row.windows ?? [])]);
  const there = new Set(rowsOf(after));
  return rowsOf(before)
    .filter((row) => !there.has(row))
    .map(({ key }) => key);
}

/** The fields in which two drafts differ, as they would be written. */
export function changedFields(before, after) {
  const [old, now] = [written(before).group, written(after).group];
  return [...PLAIN_FIELDS, "content", "exceptions", "seasons", "holiday_windows"].filter(
    (field) => JSON.stringify(old[field]) !== JSON.stringify(now[field]),
  );
}

/** What is sent to change a group: its name, which must be given, and what differs. */
export function changeOf(before, after) {
  const { group, places } = written(after);
  const fields = new Set(["name", ...changedFields(before, after)]);
  return { change: Object.fromEntries(Object.entries(group).filter(([field]) => fields.has(field))), places };
}

/**
 * The edits from `base` to `mine`, made to `theirs` instead: mine where I changed a field, the windows of a weekday, or an exception.
 * Where both changed the same, mine stands, which the look before saving shows.
 */
export function rebased(base, mine, theirs) {
  const fields = new Set(changedFields(base, mine));
  const plain = PLAIN_FIELDS.map((field) => [field, (fields.has(field) ? mine : theirs)[field]]);
  return {
    ...Object.fromEntries(plain),
    windows: rebasedWindows(base.windows, mine.windows, theirs.windows),
    exceptions: rebasedExceptions(base.exceptions, mine.exceptions, theirs.exceptions),
    // Their order decides, so they are one thing: those that I changed, or theirs.
    seasons: (fields.has("seasons") ? mine : theirs).seasons,
    holiday_windows: (fields.has("holiday_windows") ? mine : theirs).holiday_windows,
  };
}

function rebasedWindows(base, mine, theirs) {
  const timesOn = (windows, week) => withoutKeys(windows.filter((window) => window.week === week));
  const changed = new Set(WEEKDAYS.filter((week) => timesOn(base, week) !== timesOn(mine, week)));
  const weeks = [...new Set([...theirs, ...mine].map(({ week }) => week))];
  return weeks.flatMap((week) => (changed.has(week) ? mine : theirs).filter((window) => window.week === week));
}

function rebasedExceptions(base, mine, theirs) {
  const { added, removed } = exceptionChanges(base, mine);
  return otherThan(added, theirs).reduce((rows, row) => rows.toSpliced(mine.indexOf(row), 0, row), otherThan(theirs, removed));
}

/** The exceptions that are new or changed, and those as they were that are no more. */
export function exceptionChanges(before, after) {
  return { added: otherThan(after, before), removed: otherThan(before, after) };
}

/** The seasons that are new or changed, and those as they were that are no more. */
export function seasonChanges(before, after) {
  return { added: otherThan(after, before), removed: otherThan(before, after) };
}

/** The rows that say what none of the others says. */
function otherThan(rows, others) {
  const said = new Set(others.map(withoutKeys));
  return rows.filter((row) => !said.has(withoutKeys(row)));
}

/** Rows as text, to compare them by what they say. */
function withoutKeys(rows) {
  return JSON.stringify(rows, (name, value) => (name === "key" ? undefined : value));
}

/** A value with what came before it and what was undone. */
export class History {
  #past = [];
  #future = [];

  constructor(value) {
    this.value = value;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /** Goes on to another value, from which one can come back. */
  push(value) {
    this.#past.push(this.value);
    this.#future = [];
    this.value = value;
  }

  undo() {
    if (!this.canUndo) return;
    this.#future.push(this.value);
    this.value = this.#past.pop();
  }

  redo() {
    if (!this.canRedo) return;
    this.#past.push(this.value);
    this.value = this.#future.pop();
  }
}
