// The groups that tasks use, as they are now and today: sorted by what changes first, in three parts. Pure.

/** A group with what is decided of it now. @typedef {{ group: Group, decision: Decision }} Row */

function instant(at) {
  return at === null ? Infinity : Date.parse(at);
}

/** Those that are open, those that open today, and the others, each by what changes first. `endOfDay` is an instant in milliseconds. @param {Row[]} rows */
export function sorted(rows, endOfDay) {
  const next = ({ decision }) => instant(decision.next_change_at);
  const order = rows.toSorted((one, other) => next(one) - next(other) || one.group.name.localeCompare(other.group.name));
  const open = order.filter(({ decision }) => decision.allowed);
  const later = order.filter((row) => !row.decision.allowed && next(row) < endOfDay);
  const over = order.filter((row) => !row.decision.allowed && next(row) >= endOfDay);
  return { open, later, over };
}

/** The next thing that happens: the row that changes first; undefined where nothing does. @param {Row[]} rows */
export function nextToChange(rows) {
  return rows
    .filter(({ decision }) => decision.next_change_at !== null)
    .toSorted((one, other) => instant(one.decision.next_change_at) - instant(other.decision.next_change_at))[0];
}

/** Which ceilings keep groups closed now, and how many groups and tasks that is. @param {Row[]} rows @returns {ClosedByCeiling[]} */
export function closedByCeilings(rows) {
  const closed = rows.filter(({ decision }) => decision.reason.rule === "ceiling");
  const tasksOf = (all) => all.reduce((sum, { group }) => sum + group.task_count, 0);
  return [...Map.groupBy(closed, ({ decision }) => decision.reason.name)].map(([name, all]) => ({ name, groups: all.length, tasks: tasksOf(all) }));
}

/**
 * Of the groups those that never open unless somebody changes something: by their own rules, and those that only their ceilings keep closed for good. That all is
 * stopped is none of it. @param {Row[]} rows
 */
export function neverOpening(rows) {
  const never = rows.filter(({ decision: { allowed, reason, next_change_at: change } }) => !allowed && change === null && reason.rule !== "stopped");
  const isItself = ({ decision }) => decision.closed_by.some(({ rule, until }) => rule !== "ceiling" && until === null);
  return { byThemselves: never.filter(isItself), byCeilings: never.filter((row) => !isItself(row)) };
}
