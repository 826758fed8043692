// The server's time, and instants as people read them.
//
// An instant on the wire carries the wall clock of its zone: `2026-10-12T08:00:00+08:00`. That wall clock is what is shown, so
// nothing here needs to know zones.

import { locale, t } from "./language.js";

/** By how many milliseconds the server's clock is ahead of this device's. */
let ahead = 0;
let learned = false;

/** The zone of the server's wall clock. @type {string | null} */
let serverZone = null;

export function learnZone(zone) {
  serverZone = zone;
}

/** Learns the server's time from an instant that it called now, and the moment here that it was about. */
export function learnTime(instant, moment) {
  ahead = Date.parse(instant) - moment;
  learned = true;
}

/** Learns it from the date of an answer, which is in whole seconds: until there is something better. */
export function guessTime(date) {
  if (!learned && date !== null) ahead = Date.parse(date) - Date.now();
}

export function serverNow() {
  return Date.now() + ahead;
}

/** The wall clock that an instant carries: its date, and its minutes since midnight. */
export function wallClock(instant) {
  return { date: instant.slice(0, 10), minutes: Number(instant.slice(11, 13)) * 60 + Number(instant.slice(14, 16)) };
}

/** `明天 08:00`, `周六 08:00`, `10月12日周一 08:00`; `today` is the date there now. */
export function instantText(instant, today = todayBeside(instant)) {
  return `${dayText(instant.slice(0, 10), today)} ${instant.slice(11, 16)}`;
}

/** The same with seconds. */
export function secondText(instant) {
  return instantText(instant) + instant.slice(16, 19);
}

/**
 * The date now on the wall clock of an instant: at its offset, which may be another than that of now within an hour of a midnight near a change of clocks; on the
 * server's where it carries none, and null as long as that is not known.
 */
function todayBeside(instant) {
  if (!/(Z|[+-]\d{2}:\d{2})$/.test(instant)) return serverZone && todayIn(serverZone);
  return new Date(serverNow() + offsetMinutes(instant) * 60_000).toISOString().slice(0, 10);
}

/** A day as people say it today: `昨天`, `今天`, `明天`, the weekday of one in less than a week, and any other with its date. */
function dayText(date, today) {
  if (today === null) return dateText(date);
  const days = (dateOf(date).getTime() - dateOf(today).getTime()) / 86_400_000;
  if (days >= -1 && days <= 1) return t({ "-1": "yesterday", 0: "sameDay", 1: "tomorrow" }[days]);
  return days > 1 && days < 7 ? dateFormat({ weekday: "short" }).format(dateOf(date)) : dateText(date);
}

/** The minutes by which an instant's text is ahead of UTC. */
export function offsetMinutes(instant) {
  const match = /([+-])(\d{2}):(\d{2})$/.exec(instant);
  if (!match) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === "-" ? -minutes : minutes;
}

/** The offset that an instant carries: `UTC+08:00`. */
export function offsetText(instant) {
  return instant.endsWith("Z") ? "UTC" : `UTC${instant.slice(-6)}`;
}

/** The same where it is read beside another instant of the zone, today's without the day: `至 20:00`. */
export function momentText(instant, now) {
  return instant.slice(0, 10) === now.slice(0, 10) ? instant.slice(11, 16) : instantText(instant);
}

/** Today in a zone; on this device where there is no such zone. */
export function todayIn(timeZone) {
  return wallTimeIn(timeZone, serverNow()).date;
}

/** What a wall clock in a zone shows at a moment: `{date, time}`, with seconds; one on this device where there is no such zone. */
export function wallTimeIn(timeZone, moment) {
  const format = dayFormat(WALL_TIME, timeZone) ?? dayFormat(WALL_TIME, undefined);
  const parts = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, value]));
  return { date: `${parts.year}-${parts.month}-${parts.day}`, time: `${parts.hour}:${parts.minute}:${parts.second}` };
}

const WALL_TIME = /** @type {const} */ ({
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
  calendar: "gregory",
  numberingSystem: "latn",
});

function dayFormat(options, timeZone) {
  try {
    return new Intl.DateTimeFormat("en", { ...options, timeZone });
  } catch {
    return null;
  }
}

/** A date for people: `10月12日周一`. */
export function dateText(date) {
  const sameYear = date.slice(0, 4) === new Date(serverNow()).toISOString().slice(0, 4);
  const year = sameYear ? {} : { year: "numeric" };
  return dateFormat({ ...year, month: "short", day: "numeric", weekday: "short" }).format(dateOf(date));
}

/** The instant of midnight UTC: only for arithmetic and words about dates. */
export function dateOf(date) {
  return new Date(`${date}T00:00:00Z`);
}

/** Whether a text is a date that exists, as `YYYY-MM-DD`. */
export function isDate(text) {
  // Browsers read the 30th of February as a day of March.
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) && addDays(text, 0) === text;
}

/** The date so many days later. */
export function addDays(date, days) {
  return new Date(dateOf(date).getTime() + days * 86_400_000).toISOString().slice(0, 10);
}

/** 0 = Sunday, 1 = Monday, ... 6 = Saturday. */
export function weekOf(date) {
  return dateOf(date).getUTCDay();
}

const formats = new Map();

function dateFormat(options) {
  const key = locale() + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale(), { ...options, timeZone: "UTC" }));
  return formats.get(key);
}

/** Hours of so many minutes, for people: `9.5`. */
export function hoursText(minutes) {
  return String(Math.round(minutes / 6) / 10);
}

/** How long that is, in its two largest units: `2 天 3 小时`, `2 小时 5 分`, `5 分 3 秒`, `3 秒`. */
export function durationText(milliseconds) {
  const total = Math.max(0, Math.ceil(milliseconds / 1000));
  const [days, hours] = [Math.floor(total / 86_400), Math.floor(total / 3600) % 24];
  const [minutes, seconds] = [Math.floor(total / 60) % 60, total % 60];
  if (days > 0) return t("daysAndHours", { days, hours });
  if (hours > 0) return t("hoursAndMinutes", { hours, minutes });
  if (minutes > 0) return t("minutesAndSeconds", { minutes, seconds });
  return t("onlySeconds", { seconds });
}
