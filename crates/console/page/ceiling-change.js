// What setting a ceiling or taking one away changes: whom it holds back now, and how much less groups are open below it. Pure.

/** A stretch of time, in milliseconds. @typedef {{ begin: number, end: number }} Stretch */

/** @param {{ begin_at: string, end_at: string }} span @returns {Stretch} */
function stretch({ begin_at: begin, end_at: end }) {
  return { begin: Date.parse(begin), end: Date.parse(end) };
}

/** How long the open stretches of `inner` lie outside those of `outer`. @param {Stretch[]} inner @param {Stretch[]} outer */
function outside(inner, outer) {
  const shared = inner.flatMap((one) => outer.map((other) => Math.max(0, Math.min(one.end, other.end) - Math.max(one.begin, other.begin))));
  const length = inner.reduce((sum, { begin, end }) => sum + end - begin, 0);
  return length - shared.reduce((sum, each) => sum + each, 0);
}

/**
 * Of the groups those that lose something from `now` on to the end of the ceiling's `calendar`, and how many minutes of each.
 * @param {Data<"overview">} groups @param {Data<"group_calendar">} calendar @param {number} now @returns {{ name: string, minutes: number }[]}
 */
export function ceilingLoss(groups, calendar, now) {
  const last = Date.parse(calendar.to);
  const within = (spans) => spans.map(stretch).map(({ begin, end }) => ({ begin: Math.max(begin, now), end: Math.min(end, last) })).filter(({ begin, end }) => begin < end);
  const open = within(calendar.spans);
  return groups
    .map(({ name, spans }) => ({ name, minutes: outside(within(spans.filter((span) => span.open)), open) / 60_000 }))
    .filter(({ minutes }) => minutes > 0);
}

/** What closes a group without being its own: of these a ceiling has none. @type {Decision["reason"]["rule"][]} */
const ABOVE = ["stopped", "account_disabled", "closure", "ceiling"];

/** Whether a group is closed now by rules of its own, as a ceiling would be. @param {Decision} decision */
export function isShut({ closed_by: closing }) {
  return closing.some(({ rule }) => !ABOVE.includes(rule));
}

/**
 * Of tasks, each with what is decided of it, those that nothing but the ceiling `gone` holds back now; the other ceilings stay.
 * @template {{ name: string }} Held @param {Held[]} tasks @param {(Decision | null)[]} decisions @param {Ceiling | null} gone @param {Ceiling[]} others @returns {Held[]}
 */
export function heldBackBy(tasks, decisions, gone, others) {
  // Decisions know ceilings by their names: another of the same name is the same group, which stays closed.
  if (!gone || others.some(({ name }) => name === gone.name)) return [];
  return tasks.filter((_, index) => {
    const closing = decisions[index]?.closed_by ?? [];
    return closing.length > 0 && closing.every(({ rule, name }) => rule === "ceiling" && name === gone.name);
  });
}
