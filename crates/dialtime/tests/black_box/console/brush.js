// The brush of week.js, held against a week of minutes, each open or not. Gives what it found wrong.
const [week] = await Promise.all([import("/console/week.js")]);
const { DAY, WEEK, WEEKDAYS } = week;
const wrong = [];

let seed = 1;
const random = (below) => {
  seed = (seed * 48271) % 2147483647;
  return seed % below;
};

const bits = (windows) => {
  const open = new Uint8Array(WEEK);
  for (const window of windows) {
    const span = week.spanOf(window);
    for (let minute = span.begin; minute < span.end; minute++) open[minute % WEEK] = 1;
  }
  return open;
};
const same = (one, other) => one.every((bit, minute) => bit === other[minute]);
const rectangle = () => {
  const first = random(7);
  const weeks = WEEKDAYS.slice(first, first + 1 + random(7 - first));
  const from = random(96) * 15;
  return { weeks, from, to: from + 15 * (1 + random(96 - from / 15)) };
};
const filled = (open, { weeks, from, to }, bit) => {
  const result = open.slice();
  for (const day of weeks) result.fill(bit, day * DAY + from, day * DAY + to);
  return result;
};
const anyWindow = () => {
  const begin = random(DAY);
  let end = random(DAY + 1);
  if (begin === end) end = (end + 7) % DAY;
  return week.newWindow(random(7), week.timeText(begin), week.timeText(end));
};
const note = (what, windows, more) => wrong.push({ what, windows, more });

for (let round = 0; round < 400; round++) {
  const windows = Array.from({ length: random(8) }, anyWindow);
  const open = bits(windows);
  const brush = rectangle();
  const painted = week.paint(windows, brush.weeks, brush.from, brush.to);
  if (!same(bits(painted), filled(open, brush, 1))) note("paint", windows, brush);
  const erased = week.erase(windows, brush.weeks, brush.from, brush.to);
  if (!same(bits(erased), filled(open, brush, 0))) note("erase", windows, brush);
  for (const result of [painted, erased]) {
    if (!result.every(week.spanOf)) note("a window that is none", windows, brush);
    if (new Set(result.map(({ key }) => key)).size !== result.length) note("two windows of one key", windows, brush);
  }

  // The union and the pieces say the same as the minutes.
  const drawn = new Uint8Array(WEEK);
  for (const { week: day, from, to } of week.union(windows)) {
    for (let minute = from; minute < to; minute++) if (drawn[day * DAY + minute]++) note("a union that overlaps", windows);
  }
  if (!same(drawn, open)) note("union", windows);

  // A difference leads from one to the other.
  const { added, removed } = week.difference(windows, painted);
  const led = open.slice();
  for (const { week: day, from, to } of removed) led.fill(0, day * DAY + from, day * DAY + to);
  for (const { week: day, from, to } of added) led.fill(1, day * DAY + from, day * DAY + to);
  if (!same(led, bits(painted))) note("difference", windows, brush);

  // Content goes there and back.
  const back = week.fromContent(week.toContent(windows).content);
  if (!same(bits(back), open)) note("content", windows);

  if (windows.length > 0) {
    const window = windows[random(windows.length)];
    const by = (random(800) - 400) * 15;
    const moved = week.move(windows, window.key, by).find(({ key }) => key === window.key);
    const [before, after] = [week.spanOf(window), week.spanOf(moved)];
    const modulo = (number) => ((number % WEEK) + WEEK) % WEEK;
    const expected = before.end - before.begin === DAY && by % DAY !== 0 ? before.begin : before.begin + by;
    if (after.end - after.begin !== before.end - before.begin || after.begin !== modulo(expected)) note("move", [window], by);
    const edge = random(2) ? "begin" : "end";
    const resized = week.resize(windows, window.key, edge, by, 15).find(({ key }) => key === window.key);
    const span = week.spanOf(resized);
    const other = edge === "begin" ? "end" : "begin";
    if (modulo(span[other]) !== modulo(before[other])) note("resize moves the other edge", [window], { edge, by });
  }
}
return wrong.slice(0, 3);
