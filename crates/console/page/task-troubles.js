// What keeps running tasks from dialing, and which of them will not be done today. Pure.

/** Why a task dials nothing until somebody does something. */
const NEEDS_SOMEBODY = ["no_script", "no_calls", "no_line", "no_allocation", "deadline", "bot_down", "transfer_line", "prefix", "line_stopped"];

/** How many tasks are named. */
const MOST = 5;

/** @typedef {{ task_id: string, name: string, message?: string, left?: { now: number, then: number }, at?: string | null }} TaskTrouble */
/** @typedef {{ line_id: string, name: string, message: string, task_id: string }} LineTrouble */

/**
 * The lines that fail, and the tasks that do not dial though they might, then those that will not be done on `today`, a day of the
 * server's clock; a task that only waits for a line that fails is not named beside it.
 * @param {Data<"list_progress">} running
 * @returns {{ lines: LineTrouble[], tasks: TaskTrouble[] }}
 */
export function taskTroubles(running, today) {
  const lines = new Map();
  for (const { task_id, progress } of running) {
    for (const { line_id, name, reason, message } of progress.lines) {
      if (["line_down", "not_registered", "sip_failed"].includes(reason) && !lines.has(line_id)) lines.set(line_id, { line_id, name, message, task_id });
    }
  }
  const idle = running.filter(({ progress: { reason } }) => reason && NEEDS_SOMEBODY.includes(reason.code));
  const late = running.filter((task) => !idle.includes(task) && isLate(task.progress, today));
  const tasks = [
    ...idle.map(({ task_id, name, progress }) => ({ task_id, name, message: progress.reason.message })),
    ...late.map(({ task_id, name, progress }) => ({ task_id, name, ...leftAtClose(progress, today) })),
  ];
  return { lines: [...lines.values()], tasks: tasks.slice(0, MOST) };
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
