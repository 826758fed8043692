// The records of the list that was shown last: a record's page leads to those beside it.

/** A record by what its address names. @typedef {{ record: string, task: string }} Neighbour */

/** In the order of the list. @type {Neighbour[]} */
let shown = [];

/** Notes what a list shows. @param {CallRecord[]} records */
export function noteShown(records) {
  shown = records.map(({ record_id: record, task_id: task }) => ({ record, task }));
}

/** Those before and after a record of that list, as far as there are any. @returns {{ before?: Neighbour, after?: Neighbour }} */
export function beside(id) {
  const place = shown.findIndex(({ record }) => record === id);
  return place < 0 ? {} : { before: shown[place - 1], after: shown[place + 1] };
}
