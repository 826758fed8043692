// A day of a task, layer by layer: what each lets through on the wall clock of its group. Pure.
//
// A task's own times are on the server's clock; each day is shown on the group's. Both clocks are known for the days around it.

import { addDays } from "./clock.js";
import { lengthOf, within, without } from "./parts/day-line.js";
import { WallClock } from "./days.js";
import { DAY, newWindow, union } from "./week.js";

const WHOLE = [{ from: 0, to: DAY }];

export class TaskDay {
  #group;
  #server;
  #plain;

  /**
   * The day of a `task` on which `calendar`, that of its group, begins; `server` is the server's calendar of the days around it, and
   * `plain` that of the group if there were no holidays.
   */
  constructor(task, calendar, server, plain = calendar) {
    this.task = task;
    this.calendar = calendar;
    this.#plain = plain;
    this.date = calendar.from.slice(0, 10);
    this.#group = new WallClock(calendar);
    this.#server = new WallClock(server);
  }

  /** Whether a person lets it dial, and its own begin and end. */
  get bounds() {
    const { enable, task_extras: extras } = this.task;
    if (!enable) return [];
    return this.#pieces(this.#instant(extras?.start_time, this.calendar.from), this.#instant(extras?.stop_time, this.calendar.to));
  }

  /** When it rests. */
  get closures() {
    const closures = this.task.task_extras?.holiday ?? [];
    return closures.flatMap(({ start, end }) => this.#pieces(this.#instant(start, this.calendar.from), this.#instant(end, this.calendar.to)));
  }

  /** When the windows of its own are open; `null` where it has none. */
  get hours() {
    const extras = this.task.task_extras;
    if (!extras?.own_hours) return null;
    const weekday = new Date(`${this.date}T00:00:00Z`).getUTCDay();
    const windows = extras.work_hour.map(({ wday, begin, end }) => newWindow(wday, begin, end));
    return union(windows).filter(({ week }) => week === weekday);
  }

  /** When its group would be open if there were no holidays, and where it is open for one. */
  get group() {
    const [plain, opened] = [this.#spans(this.#plain), this.#spans(this.calendar)];
    return [...plain, ...without(opened, plain)].toSorted((one, other) => one.from - other.from);
  }

  /** What a holiday, or the end of the holiday calendar, shuts. */
  get holidays() {
    // A half day is open within its times.
    if (this.calendar.days[0]?.rule === "holiday" && !this.#spans(this.calendar).length) return WHOLE;
    return without(this.#spans(this.#plain), this.#spans(this.calendar));
  }

  /** When all agree. */
  get open() {
    return without(within(within(this.#spans(this.calendar), this.bounds), this.hours ?? WHOLE), this.closures);
  }

  get openMinutes() {
    return lengthOf(this.open);
  }

  /** The instants of a wall clock of the group on this day. */
  instants(minutes) {
    return this.#group.instants(this.date, minutes);
  }

  /** A time of the server's clock as an instant; one that is far away lies before or after the day, and what is left out is `otherwise`. */
  #instant(local, otherwise) {
    if (!local) return otherwise;
    const date = local.slice(0, 10);
    if (date < addDays(this.date, -1)) return this.calendar.from;
    if (date > addDays(this.date, 1)) return this.calendar.to;
    const minutes = Number(local.slice(11, 13)) * 60 + Number(local.slice(14, 16));
    return this.#server.instants(date, minutes)[0] ?? otherwise;
  }

  #spans({ spans }) {
    return spans.flatMap((span) => this.#group.pieces(span)).filter(({ date }) => date === this.date);
  }

  #pieces(begin, end) {
    const [from, to] = [this.calendar.from, this.calendar.to].map(Date.parse);
    const [first, last] = [Math.max(Date.parse(begin), from), Math.min(Date.parse(end), to)];
    if (first >= last) return [];
    const pieces = this.#group.pieces({ begin_at: new Date(first).toISOString(), end_at: new Date(last).toISOString() });
    return pieces.filter(({ date }) => date === this.date);
  }
}

/** All of a day. */
export function wholeDay() {
  return WHOLE;
}
