// The wall clock of days.js, held against the browser's own knowledge of zones whose rules have long been the same. Gives what it
// found wrong.
const [address, token] = arguments;
const { WallClock } = await import("/console/days.js");
const wrong = [];

const calendar = async (timezone, from, to) => {
  const content = [0, 1, 2, 3, 4, 5, 6].map((week) => ({ week, times: [{ begin_time: "00:20", end_time: "23:10" }] }));
  const body = { name: "x", content, is_default: false, skip_holiday: false, timezone, from, to };
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  return (await (await fetch(address, { method: "POST", headers, body: JSON.stringify(body) })).json()).data.calendar;
};

for (const [zone, from, to] of [
  ["America/New_York", "2026-03-01", "2026-03-29"],
  ["America/New_York", "2026-10-20", "2026-11-17"],
  ["Europe/London", "2026-10-20", "2026-11-17"],
  ["Australia/Lord_Howe", "2026-09-20", "2026-10-18"],
  ["Australia/Lord_Howe", "2026-03-20", "2026-04-17"],
  ["Asia/Kathmandu", "2026-06-01", "2026-06-29"],
  ["Asia/Shanghai", "2026-06-01", "2026-06-29"],
]) {
  const answer = await calendar(zone, from, to);
  const clock = new WallClock(answer);
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" });
  const inside = new Map();
  for (const { date, from: first, to: last } of answer.spans.flatMap((span) => clock.pieces(span))) {
    inside.set(date, [...(inside.get(date) ?? []), [first, last]]);
  }
  for (let at = Date.parse(answer.from); at < Date.parse(answer.to); at += 10 * 60000) {
    const [date, time] = format.format(at).split(" ");
    const [hours, minutes] = time.split(":").map(Number);
    const wall = hours * 60 + minutes;
    const instants = clock.instants(date, wall);
    // The instants of a wall clock are those that show it.
    if (!instants.some((text) => Date.parse(text) === at)) wrong.push({ zone, date, time, instants });
    // A piece covers a wall clock whenever a span covers an instant that shows it.
    const open = answer.spans.some(({ begin_at, end_at }) => instants.some((text) => Date.parse(begin_at) <= Date.parse(text) && Date.parse(text) < Date.parse(end_at)));
    const drawn = (inside.get(date) ?? []).some(([first, last]) => first <= wall && wall < last);
    if (open !== drawn) wrong.push({ zone, date, time, open, drawn });
  }
  for (const { at, seconds } of answer.clock_changes) {
    // The first minute of what the clock skips has no instant; of what it repeats, two.
    const shown = at.slice(0, 10);
    const wall = Number(at.slice(11, 13)) * 60 + Number(at.slice(14, 16));
    const count = clock.instants(shown, seconds > 0 ? wall - seconds / 60 : wall).length;
    if (count !== (seconds > 0 ? 0 : 2)) wrong.push({ zone, at, count });
  }
}
return wrong.slice(0, 3);
