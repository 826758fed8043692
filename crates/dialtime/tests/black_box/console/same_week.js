// What week.js takes a content to mean, held against the server's calendar of a plain week. Gives what it found wrong.
const [address, token] = arguments;
const week = await import("/console/week.js");
const wrong = [];

let seed = 7;
const random = (below) => {
  seed = (seed * 48271) % 2147483647;
  return seed % below;
};
const time = (most) => week.timeText(random(most));

/** Minutes since Sunday 00:00 UTC of the spans of the week of Sunday 2026-06-07, all but its edges: windows of the week before
 *  and after reach into them alike. */
const asServed = async (content) => {
  const body = { name: "x", content, is_default: false, skip_holiday: false, timezone: "UTC", from: "2026-06-07", to: "2026-06-14" };
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const answer = await (await fetch(address, { method: "POST", headers, body: JSON.stringify(body) })).json();
  const start = Date.parse("2026-06-07T00:00:00Z");
  return answer.data.calendar.spans.map(({ begin_at, end_at }) => [(Date.parse(begin_at) - start) / 60000, (Date.parse(end_at) - start) / 60000]);
};
const asRead = (content) => {
  const pieces = week.union(week.fromContent(content)).map((piece) => [piece.week * week.DAY + piece.from, piece.week * week.DAY + piece.to]);
  pieces.sort(([one], [other]) => one - other);
  const spans = [];
  for (const [from, to] of pieces) {
    if (spans.at(-1)?.[1] === from) spans.at(-1)[1] = to;
    else spans.push([from, to]);
  }
  return spans;
};

for (let round = 0; round < 60; round++) {
  const days = Array.from({ length: random(6) }, () => ({
    week: random(7),
    times: Array.from({ length: random(4) }, () => ({ begin_time: time(1440), end_time: time(1441) })).filter(
      ({ begin_time, end_time }) => begin_time !== end_time,
    ),
  }));
  const [served, read] = [await asServed(days), asRead(days)];
  if (JSON.stringify(served) !== JSON.stringify(read)) wrong.push({ days, served, read });
}
return wrong.slice(0, 3);
