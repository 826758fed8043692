// The server's time, and instants as people read them.
//
// An instant on the wire carries the wall clock of its zone: `2026-10-12T08:00:00+08:00`. That wall clock is what is shown, so
// nothing here needs to know zones.

import { locale, t } from "./language.js";

/** By how many milliseconds the server's clock is ahead of this device's. */
let ahead = 0;

/** Learns the server's time from an instant that it called now, and the moment here that it was about. */
export function learnTime(instant, moment) {
  ahead = Date.parse(instant) - moment;
}

export function serverNow() {
  return Date.now() + ahead;
}

/** The wall clock that an instant carries: its date, and its minutes since midnight. */
export function wallClock(instant) {
  return { date: instant.slice(0, 10), minutes: Number(instant.slice(11, 13)) * 60 + Number(instant.slice(14, 16)) };
}

/** `10月12日周一 08:00`, with the year only when it is not this one. */
export function instantText(instant) {
  return `${dateText(instant.slice(0, 10))} ${instant.slice(11, 16)}`;
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

/** How long it is until then: `2天 3小时`, `1:02:03`. */
export function untilText(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  if (days > 0) return t("daysAndHours", { days, hours });
  const two = (number) => String(number).padStart(2, "0");
  return `${hours}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
