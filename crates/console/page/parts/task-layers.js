// Every layer that has to agree before a task dials, on the axis of one day, with the one that decides.

import { hourAxis, lengthOf, piece, pieceText, without } from "./day-line.js";
import { hoursText, wallClock } from "../clock.js";
import { html, nothing, place } from "../view.js";
import { icon } from "./icon.js";
import { listText, t, word } from "../language.js";
import { wholeDay } from "../task-day.js";
import { timeText } from "../week.js";

/** The layer that each rule belongs to; every other is the group's own. */
const LAYERS = {
  stopped: "stop",
  paused: "switch",
  before_start: "switch",
  after_stop: "switch",
  account_disabled: "switch",
  closure: "rest",
  task_hours: "hours",
  holiday: "holiday",
  makeup_workday: "holiday",
  beyond_horizon: "holiday",
};

/** A layer: when it is open, what it shuts, and what there is to say; one that is `unused` says neither yes nor no. @typedef {{ name: string, label: string, open: Piece[], shut: Piece[], text: string, unused?: boolean }} Layer */
/** @typedef {{ from: number, to: number }} Piece */

/**
 * The layers of a `day` with the `decision` about one moment of it; `moment` is what is marked, if it lies on that day.
 * @param {{ day: import("../task-day.js").TaskDay, decision: Decision, group: Group, moment: string | null, stopped: string[] }} what
 */
export function taskLayers({ day, decision, group, moment, stopped }) {
  const layers = layersOf(day, decision, group, stopped);
  const deciding = decidingLayer(layers, decision, day);
  return html`
    <div class="board inner layers">
      <div class="axis"><span>${t("everyLayer")}</span>${hourAxis(moment)}<span>${t("explanation")}</span></div>
      ${layers.map((layer) => line(layer, moment, deciding))}
      <div class="line sum">
        <span class="who"><span class="cut">${t("result")}</span></span>
        ${track(day.open, [], moment)}
        <span class="then cut">${t("openThatDay", { hours: hoursText(day.openMinutes) })}</span>
      </div>
    </div>
  `;
}

/** @returns {Layer[]} */
function layersOf(day, decision, group, stopped) {
  const rests = day.closures;
  return [
    { name: "stop", label: t("killSwitch"), open: day.calendar.stopped ? [] : wholeDay(), shut: [], text: stopText(day, decision, stopped) },
    { name: "switch", label: t("switchLayer"), open: day.bounds, shut: [], text: switchText(day.task) },
    { name: "rest", label: t("restLayer"), open: without(wholeDay(), rests), shut: rests, text: rests.length > 0 ? listText(rests.map(pieceText)) : t("noRest") },
    ...(day.hours ? [{ name: "hours", label: t("hoursLayer"), open: day.hours, shut: [], text: listText(day.hours.map(pieceText)) || t("closedAllDay") }] : []),
    { name: "group", label: t("group"), open: day.group, shut: [], text: groupText(day, group) },
    holidayLayer(day, decision, group),
  ];
}

/** Whom it covers, since when and why; of the lines, which. */
function stopText(day, { reason }, stopped) {
  if (reason.rule === "stopped") return reason.detail;
  if (day.calendar.stopped) return t("stoppedNow");
  return stopped.length > 0 ? t("linesStopped", { names: listText(stopped) }) : t("nothingStopped");
}

function switchText({ enable, task_extras: extras }) {
  const bounds = [extras?.start_time, extras?.stop_time].map((time) => time?.slice(0, 10) ?? "…");
  const text = extras?.start_time || extras?.stop_time ? `${t("semicolon")}${bounds.join(" – ")}` : "";
  return t(enable ? "switchedOn" : "state.paused") + text;
}

function groupText(day, group) {
  const [changed] = day.calendar.days;
  const rule = changed?.rule === "exception" ? `${word("rule", changed.rule)} ${changed.name}` : t("weeklyWindows");
  return `${group.name}${t("pause")}${rule}`;
}

/** @returns {Layer} */
function holidayLayer(day, { calendar }, group) {
  const label = t("holidays");
  if (!group.skip_holiday) return { name: "holiday", label, open: wholeDay(), shut: [], text: t("skipsNone"), unused: true };
  const [changed] = day.calendar.days;
  const special = changed && LAYERS[changed.rule] === "holiday";
  const name = special ? `${word("rule", changed.rule)}${changed.name ? ` ${changed.name}` : ""}` : t("noHoliday");
  const known = calendar ? `${t("semicolon")}${t("calendarUntil", { id: calendar.id, date: calendar.known_until })}` : "";
  const shut = day.holidays;
  return { name: "holiday", label, open: without(wholeDay(), shut), shut, text: name + known };
}

/** The layer that says no; while all agree, the one that closes first, on that day. @returns {{ name: string, at: string | null } | null} */
function decidingLayer(layers, { allowed, reason, next_change_at: change }, day) {
  if (!allowed) return { name: LAYERS[reason.rule] ?? "group", at: null };
  if (change === null || change.slice(0, 10) !== day.date) return null;
  const { minutes } = wallClock(change);
  const closing = layers.find(({ open, unused }) => !unused && open.some(({ to }) => Math.floor(to) === minutes));
  return closing ? { name: closing.name, at: timeText(minutes) } : null;
}

/** @param {Layer} layer */
function line({ name, label, open, shut, text, unused = false }, moment, deciding) {
  const decides = deciding?.name === name;
  const at = moment && wallClock(moment).minutes;
  const agrees = at === null ? lengthOf(open) > 0 : open.some(({ from, to }) => from <= at && at < to);
  const [sign, kind] = unused ? ["minus", "faint"] : decides || !agrees ? ["wait", "is-wait"] : ["check", "is-open"];
  const explained = decides && deciding.at ? `${t("closesAt", deciding)}${t("pause")}${text}` : text;
  return html`
    <div class="line ${decides ? "decides" : ""}" data-layer=${name}>
      <span class="who"><span class=${kind}>${icon(sign)}</span><span class="cut">${label}</span></span>
      ${track(open, shut, moment, unused ? "whole" : "")}
      <span class="then cut" title=${explained}>${explained}</span>
    </div>
  `;
}

function track(open, shut, moment, kind = "") {
  return html`
    <div class="track">
      <span class="visually-hidden">${listText(open.map(pieceText)) || t("closedAllDay")}</span>
      ${open.map((span) => piece(span, kind))} ${shut.map((span) => piece(span, "shut"))}
      ${moment ? html`<div class="now" ${place({ "--at": wallClock(moment).minutes })}></div>` : nothing}
    </div>
  `;
}
