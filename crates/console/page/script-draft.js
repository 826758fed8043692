// The steps of a script while they are edited: each has a key, as long as it is in the editor, and goes to others by their labels.

/** @typedef {{ key: number, action: string, label: string | null, visits?: number, [field: string]: any }} StepRow */

/** The fields of a step that name the label of another, beside those of its branches. */
const REFERENCES = ["next", "no_input", "no_match", "no_answer"];

/** What a step of each kind has when it is new, with what the API would take anyway. */
const NEW = {
  play: { prompt: null, interruptible: true, next: null },
  gather: { prompt: null, digits: 1, first_digit: 5, next_digit: 3, branches: [], no_input: null, no_match: null },
  bot: { bots: [{ url: "", weight: 1, capacity: null, has_secret: false }], variables: {}, connect: "ringing", reconnects: 0, next: null },
  transfer: { extension: "", sip_address: null, line: null, ring: 30, no_answer: null },
  hang_up: {},
};

export const KINDS = Object.keys(NEW);

/** How many steps the API takes. */
export const MOST_STEPS = 100;

let lastKey = 0;

/** @returns {StepRow} */
export function newStep(action) {
  return { key: ++lastKey, action, label: null, visits: 3, ...structuredClone(NEW[action]) };
}

/** The rows of steps as the API has them. @param {any[]} steps @returns {StepRow[]} */
export function rowsOf(steps) {
  return steps.map((step) => ({ ...(NEW[step.action] && structuredClone(NEW[step.action])), label: null, visits: 3, ...step, key: ++lastKey }));
}

/** Steps as the API takes them. @param {StepRow[]} rows */
export function stepsOf(rows) {
  return rows.map(({ key, ...step }) => step);
}

/** The steps with every mention of a label changed; null takes it away. */
function renamed(rows, before, after) {
  if (before === null) return rows;
  const to = (label) => (label === before ? after : label);
  return rows.map((row) => {
    const references = REFERENCES.filter((field) => row[field] === before).map((field) => [field, after]);
    const branches = row.branches && { branches: row.branches.map((branch) => ({ ...branch, go_to: to(branch.go_to) })) };
    return { ...row, ...branches, ...Object.fromEntries(references) };
  });
}

/**
 * The steps with one changed; who goes to it by its label goes on doing so.
 * @param {StepRow[]} rows @param {number} key @param {(present: StepRow) => object} changeOf
 */
export function changed(rows, key, changeOf) {
  const before = rows.find((row) => row.key === key);
  const change = /** @type {Partial<StepRow>} */ (changeOf(before));
  const others = "label" in change && change.label !== null ? renamed(rows, before.label, change.label) : rows;
  return others.map((row) => (row.key === key ? { ...row, ...change } : row));
}

/** The steps without one; whoever went to it goes on to the next. @param {StepRow[]} rows */
export function without(rows, key) {
  const { label } = rows.find((row) => row.key === key);
  return renamed(
    rows.filter((row) => row.key !== key),
    label,
    null,
  );
}

/** The steps with a label for one of them, so that others can go to it; gives both. @param {StepRow[]} rows @returns {[StepRow[], string]} */
export function labelled(rows, key) {
  const step = rows.find((row) => row.key === key);
  if (step.label) return [rows, step.label];
  const taken = new Set(rows.map(({ label }) => label));
  let number = rows.indexOf(step) + 1;
  while (taken.has(`step-${number}`)) number += 1;
  const label = `step-${number}`;
  return [rows.map((row) => (row === step ? { ...row, label } : row)), label];
}
