// Entries of a file of holidays that are not understood, those that say the same together. Pure.

/** What an entry says, and where such entries stand in the file, with the dates of those that have one. @typedef {{ said: string, places: string[] }} UnclearEntries */

/** A date as the first thing in a line, with what ends it. */
const DATE = /^\s*"?\d{4}\W?\d{1,2}\W?\d{1,2}"?\s*[,;\t]?/;

/** What an entry says, as far as its place tells: an event there has its name, a line is looked up in the text. @param {string} place @param {string[]} lines */
function saidAt(place, lines) {
  const event = /^event \d+ \((.*)\)$/su.exec(place);
  if (event) return event[1];
  const line = /^line (\d+)$/.exec(place);
  return (line ? (lines[Number(line[1]) - 1] ?? "") : "").replace(DATE, "").replace(/[,;\t]+$/, "").trim();
}

/** @param {{ field: string, date?: string }[]} faults as the API names them, by their places @param {string} text the file's @returns {UnclearEntries[]} */
export function unclearEntries(faults, text) {
  const lines = text.split(/\r\n|\r|\n/);
  const groups = Map.groupBy(faults, ({ field }) => saidAt(field, lines) || field);
  return [...groups].map(([said, all]) => ({ said, places: all.map(({ field, date }) => (date ? `${date} ${field}` : field)) }));
}
