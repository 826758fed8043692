// The windows of a week, and what is done to them with a brush. Pure: no page, no words.
//
// A window is `{key, week, begin_time, end_time}`; its times stay as they were written, even a faulty one. Its span is in minutes since
// Sunday 00:00; an end at or before its begin lies on the next day.

export const DAY = 24 * 60;
export const WEEK = 7 * DAY;

/** Monday first, as people read a week; the numbers are the API's: 0 = Sunday. */
export const WEEKDAYS = [1, 2, 3, 4, 5, 6, 0];

let nextKey = 1;

/** A name for a row of the page, that stays with it whatever is done to the others. */
export function newKey() {
  return nextKey++;
}

export function newWindow(week, begin_time, end_time) {
  return { key: newKey(), week, begin_time, end_time };
}

/** Minutes since midnight of `HH:MM`, 00:00 to 24:00; null when it is none. */
export function minutesOf(text) {
  const match = /^(\d{1,2}):(\d{2})$/.exec(text);
  if (!match) return null;
  const [hours, minutes] = [Number(match[1]), Number(match[2])];
  return minutes < 60 && hours * 60 + minutes <= DAY ? hours * 60 + minutes : null;
}

/** A time as people type it (`8`, `9:05`, `0800`, `９：３０`) as the API writes it; what is none stays as it is. */
export function tidyTime(text) {
  const plain = text.trim();
  const match = /^(\d{1,2})(?::?(\d{2}))?$/.exec(plain.normalize("NFKC"));
  const minutes = match && minutesOf(`${match[1]}:${match[2] ?? "00"}`);
  return minutes === null ? plain : timeText(minutes);
}

export function timeText(minutes) {
  const two = (number) => String(number).padStart(2, "0");
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** The span of a window; null when its times are none, or equal. @param {WindowRow} window */
export function spanOf({ week, begin_time, end_time }) {
  const [begin, end] = [minutesOf(begin_time), minutesOf(end_time)];
  if (begin === null || end === null || begin === DAY || begin === end) return null;
  return { begin: week * DAY + begin, end: week * DAY + (end > begin ? end : end + DAY) };
}

/** Whether a span can be a window: shorter than a day, or exactly one from midnight to midnight. */
function fits({ begin, end }) {
  const length = end - begin;
  return length > 0 && (length < DAY || (length === DAY && begin % DAY === 0));
}

/** The window with its times set to a span, which may lie on another day. */
function spread(window, { begin, end }) {
  const start = modulo(begin, WEEK);
  const week = Math.floor(start / DAY);
  const last = start + end - begin - week * DAY;
  return { ...window, week, begin_time: timeText(start - week * DAY), end_time: timeText(last > DAY ? last - DAY : last) };
}

function modulo(number, by) {
  return ((number % by) + by) % by;
}

/** The pieces of a window on the days it touches: `{week, from, to, first, last}`, minutes of the day. */
export function piecesOf(window) {
  const span = spanOf(window);
  if (!span) return [];
  const midnight = (window.week + 1) * DAY;
  const from = span.begin - window.week * DAY;
  if (span.end <= midnight) return [{ week: window.week, from, to: from + span.end - span.begin, first: true, last: true }];
  const next = (window.week + 1) % 7;
  return [
    { week: window.week, from, to: DAY, first: true, last: false },
    { week: next, from: 0, to: span.end - midnight, first: false, last: true },
  ];
}

/** Windows with these minutes of these days added: one that it overlaps, or touches on the same day, grows. */
export function paint(windows, weeks, from, to) {
  return weeks.reduce((all, week) => paintDay(all, week, from, to), windows);
}

function paintDay(windows, week, from, to) {
  let span = { begin: week * DAY + from, end: week * DAY + to };
  const absorbed = new Set();
  for (const window of windows) {
    const other = near(spanOf(window), span);
    if (!other) continue;
    const overlaps = other.end > span.begin && other.begin < span.end;
    const touches = window.week === week && (other.end === span.begin || other.begin === span.end);
    const union = { begin: Math.min(span.begin, other.begin), end: Math.max(span.end, other.end) };
    if ((overlaps || touches) && fits(union)) {
      span = union;
      absorbed.add(window.key);
    }
  }
  return replaced(windows, absorbed, spread(newWindow(week, "", ""), span));
}

/** The windows with the first of the absorbed ones become `window`, which keeps its key, and the others gone. */
function replaced(windows, absorbed, window) {
  const first = windows.findIndex(({ key }) => absorbed.has(key));
  if (first < 0) return inserted(windows, window);
  const grown = { ...window, key: windows[first].key };
  return windows.flatMap((each, index) => {
    if (index === first) return [grown];
    return absorbed.has(each.key) ? [] : [each];
  });
}

/** The windows with another before the first of its day that begins later. */
function inserted(windows, window) {
  const { begin } = spanOf(window);
  const later = windows.findIndex((each) => each.week === window.week && (spanOf(each)?.begin ?? 0) > begin);
  return later < 0 ? [...windows, window] : windows.toSpliced(later, 0, window);
}

/** A span as it lies nearest another, for the week goes round: Saturday's night ends on Sunday. */
function near(span, other) {
  if (!span) return null;
  return [0, WEEK, -WEEK]
    .map((shift) => ({ begin: span.begin + shift, end: span.end + shift }))
    .find(({ begin, end }) => end >= other.begin && begin <= other.end);
}

/** Windows without these minutes of these days: cut, split or gone. */
export function erase(windows, weeks, from, to) {
  return weeks.reduce((all, week) => eraseDay(all, { begin: week * DAY + from, end: week * DAY + to }), windows);
}

function eraseDay(windows, hole) {
  return windows.flatMap((window) => {
    const span = near(spanOf(window), hole);
    if (!span || span.end === hole.begin || span.begin === hole.end) return [window];
    const rests = [
      { begin: span.begin, end: Math.min(span.end, hole.begin) },
      { begin: Math.max(span.begin, hole.end), end: span.end },
    ].filter(({ begin, end }) => begin < end);
    return rests.map((rest, index) => spread(index === 0 ? window : { ...window, key: newKey() }, rest));
  });
}

/** Windows with one moved by so many minutes, round the week. */
export function move(windows, key, by) {
  return changed(windows, key, ({ begin, end }) => {
    const moved = { begin: begin + by, end: end + by };
    // A whole day can lie only from midnight to midnight.
    return fits(moved) ? moved : null;
  });
}

/** Windows with an edge (`begin` or `end`) of one moved by so many minutes, as far as it can go. */
export function resize(windows, key, edge, by, step) {
  return changed(windows, key, (span) => {
    for (let rest = by; rest !== 0; rest -= Math.sign(rest) * Math.min(step, Math.abs(rest))) {
      const resized = { ...span, [edge]: span[edge] + rest };
      if (fits(resized)) return resized;
    }
    return null;
  });
}

function changed(windows, key, change) {
  return windows.map((window) => {
    const span = window.key === key ? spanOf(window) : null;
    const result = span && change(span);
    return result ? spread(window, result) : window;
  });
}

export function remove(windows, key) {
  return windows.filter((window) => window.key !== key);
}

/** Windows with those of one weekday put in the place of those of others. */
export function copyDay(windows, from, weeks) {
  const copied = windows.filter(({ week }) => week === from);
  const kept = windows.filter(({ week }) => week === from || !weeks.includes(week));
  const others = weeks.filter((week) => week !== from);
  return [...kept, ...others.flatMap((week) => copied.map((window) => ({ ...window, key: newKey(), week })))];
}

/** The windows of the API's `content`. @param {Group["content"]} content @returns {WindowRow[]} */
export function fromContent(content) {
  return content.flatMap(({ week, times }) => times.map(({ begin_time, end_time }) => newWindow(week, begin_time, end_time)));
}

/** The API's `content`, days in the order in which they come first, and which window is where: `content[0].times[1]`. @param {WindowRow[]} windows */
export function toContent(windows) {
  const days = new Map();
  const places = new Map();
  for (const { key, week, begin_time, end_time } of windows) {
    if (!days.has(week)) days.set(week, { index: days.size, times: [] });
    const { index, times } = days.get(week);
    places.set(`content[${index}].times[${times.length}]`, key);
    times.push({ begin_time, end_time });
  }
  return { content: [...days].map(([week, { times }]) => ({ week, times })), places };
}

/** When a week is open: `{week, from, to}` in order from Monday on, without overlap, each within a day. */
export function union(windows) {
  const pieces = windows.flatMap(piecesOf).map(({ week, from, to }) => ({ week, from, to }));
  return tidy(pieces);
}

function tidy(pieces) {
  const day = ({ week }) => WEEKDAYS.indexOf(week);
  const sorted = pieces.toSorted((one, other) => day(one) - day(other) || one.from - other.from);
  const result = [];
  for (const piece of sorted) {
    const last = result.at(-1);
    if (last?.week === piece.week && piece.from <= last.to) last.to = Math.max(last.to, piece.to);
    else result.push({ ...piece });
  }
  return result;
}

/** The pieces that are open after and were not before, and the other way round. */
export function difference(before, after) {
  const [old, now] = [union(before), union(after)];
  return { added: without(now, old), removed: without(old, now) };
}

function without(pieces, holes) {
  return holes.reduce(
    (rest, hole) =>
      rest.flatMap((piece) => {
        if (piece.week !== hole.week || piece.to <= hole.from || hole.to <= piece.from) return [piece];
        const before = { ...piece, to: hole.from };
        const after = { ...piece, from: hole.to };
        return [before, after].filter(({ from, to }) => from < to);
      }),
    pieces,
  );
}
