// What keeps running tasks from dialing, and which of them will not be done today. Pure.

/** Why it is not faster; every other reason keeps it from dialing at all. */
const SLOWER = ["number_due", "last_calls", "task_full", "call_pause", "bot_busy", "route_full", "share_full", "line_full", "interval", "line_rate"];

/** Of these, limits that a task may reach without having a call: a limit of 0, and bots that take none. */
const MAY_HAVE_NONE = ["bot_busy", "route_full"];

/** What states, windows and stops say already; no task with another dialer has numbers here. */
const SAID_ELSEWHERE = ["paused", "window", "stopped", "account_disabled", "no_numbers"];

/** What is said once for the line, and not for each task that waits for it. */
const OF_LINES = ["line_down", "not_registered", "sip_failed"];

/** Nothing that anybody has to do. */
const IN_ORDER = ["finished", "closing", "inbound"];

/** How many tasks are named. */
const MOST = 5;

/** @typedef {{ task_id: string, name: string, message?: string, left?: { now: number, then: number }, at?: string | null }} TaskTrouble */
/** @typedef {{ line_id: string, name: string, message: string, task_id: string }} LineTrouble */

/** Whether a task that is hindered goes on, though no faster. @param {Data<"task_progress">} progress */
export function isSlower({ reason: { code }, calls: { ringing, talking } }) {
  return SLOWER.includes(code) && (!MAY_HAVE_NONE.includes(code) || ringing + talking > 0);
}

/** What keeps a task from dialing that may dial now, or that it is done; null where nothing does. @param {Data<"task_progress"> | null | undefined} progress */
export function hindranceOf(progress) {
  const reason = progress?.reason;
  return !reason || isSlower(progress) || SAID_ELSEWHERE.includes(reason.code) ? null : reason;
}

/**
 * The lines that fail, and the first of the tasks that do not dial though they might, then of those that will not be done on `today`, a day of the
 * server's clock; `more` is how many others there are. A task that only waits for a line that fails is not named beside it.
 * @param {Data<"list_progress">} running
 * @returns {{ lines: LineTrouble[], tasks: TaskTrouble[], more: number }}
 */
export function taskTroubles(running, today) {
  const lines = new Map();
  for (const { task_id, progress } of running) {
    for (const { line_id, name, reason, message } of progress.lines) {
      if (OF_LINES.includes(reason) && !lines.has(line_id)) lines.set(line_id, { line_id, name, message, task_id });
    }
  }
  const idle = running.filter(({ progress }) => needsSomebody(progress));
  const late = running.filter((task) => !idle.includes(task) && isLate(task.progress, today));
  const tasks = [
    ...idle.map(({ task_id, name, progress }) => ({ task_id, name, message: progress.reason.message })),
    ...late.map(({ task_id, name, progress }) => ({ task_id, name, ...leftAtClose(progress, today) })),
  ];
  return { lines: [...lines.values()], tasks: tasks.slice(0, MOST), more: Math.max(0, tasks.length - MOST) };
}

/** @param {Data<"task_progress">} progress */
function needsSomebody(progress) {
  const reason = hindranceOf(progress);
  return reason !== null && ![...OF_LINES, ...IN_ORDER].includes(reason.code);
}

/** @param {Data<"task_progress">} progress */
function isLate({ forecast, finishes_at: end }, today) {
  return forecast.length > 1 && (end === null || end.slice(0, 10) > today);
}

/** How many are left when it closes for the last time today. @param {Data<"task_progress">} progress */
function leftAtClose({ forecast }, today) {
  const [first, ...later] = forecast;
  const close = later.findLast(({ at, numbers }, index) => at.slice(0, 10) === today && numbers < forecast[index].numbers);
  return { left: { now: first.numbers, then: close?.numbers ?? first.numbers }, at: close ? close.at.slice(11, 16) : null };
}
