// What setting a ceiling or taking one away changes, as the API says it: how much less or more groups are open. Pure.

/** @typedef {{ key: string, account: string, group: number, minutes: number }} GroupChange */

/** Of the spans those in which groups open (`opens`), or close: of each group how many minutes, the most first. @param {Data<"remove_ceiling">["later"]} later @param {boolean} opens @returns {GroupChange[]} */
export function changeOf(later, opens) {
  const groups = Map.groupBy(later.filter((span) => span.opens === opens), ({ account_id: account, group_id: group }) => `${account} ${group}`);
  const changes = [...groups].map(([key, spans]) => ({ key, account: spans[0].account_id, group: spans[0].group_id, minutes: spans.reduce((sum, span) => sum + minutesOf(span), 0) }));
  return changes.toSorted((one, other) => other.minutes - one.minutes);
}

/** @param {{ begin_at: string, end_at: string }} span */
function minutesOf({ begin_at: begin, end_at: end }) {
  return (Date.parse(end) - Date.parse(begin)) / 60_000;
}

/** What closes a group without being its own: of these a ceiling has none. @type {Decision["reason"]["rule"][]} */
const ABOVE = ["stopped", "account_disabled", "closure", "ceiling"];

/** Whether a group is closed now by rules of its own, as a ceiling would be. @param {Decision} decision */
export function isShut({ closed_by: closing }) {
  return closing.some(({ rule }) => !ABOVE.includes(rule));
}
