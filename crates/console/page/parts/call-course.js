// The course of a call: how long it took to ring, rang and was talked on, and each moment in seconds from the first packet.

import { html, nothing, place } from "../view.js";
import { t, word } from "../language.js";

/** @typedef {Data<"record_detail">} RecordDetail */

/** The least part of the picture that a phase has, so that it is seen. */
const LEAST = 2;

/** Seconds from the first packet to an instant. @param {RecordDetail} record */
function seconds({ times }, instant) {
  return (Date.parse(instant) - Date.parse(times.dialed)) / 1000;
}

/** The phases that it went through, each with its length. @param {RecordDetail} record @returns {{ name: string, length: number }[]} */
function phasesOf(record) {
  const { times } = record;
  const ends = [["setup", times.ringing ?? times.answered ?? times.ended], ["ringing", times.ringing && (times.answered ?? times.ended)], ["talking", times.answered && times.ended]];
  let begin = 0;
  const found = [];
  for (const [name, end] of ends.filter(([, at]) => at)) {
    const at = seconds(record, end);
    found.push({ name, length: Math.max(0, at - begin) });
    begin = at;
  }
  return found;
}

/** The phases side by side, as long as they were. @param {RecordDetail} record */
export function phases(record) {
  const parts = phasesOf(record);
  const text = ({ name, length }) => t(`phase.${name}`, { seconds: length.toFixed(1) });
  return html`
    <div class="phases" role="img" aria-label=${parts.map(text).join(t("pause"))}>
      ${parts.map((part) => html`<span class=${part.name} ${place({ "--part": Math.max(LEAST, part.length) })}>${text(part)}</span>`)}
    </div>
  `;
}

/** Who ended it. @param {RecordDetail} record */
export function endsOfCall({ ended_by: by, end_reason: why }) {
  const who = word("endedBy", by);
  return why ? t("endedFor", { who, why: word("endReason", why) }) : who;
}

/** A step of the script and what it does; the message for a machine is no step. @param {RecordDetail["steps"][number]} reached */
export function stepText({ step, label, action }) {
  return step === null ? word("stepDoes", action) : t("stepIs", { step: label ?? t("stepNumber", { step }), what: word("stepDoes", action) });
}

/** What was found out about who answered, or about what was heard before, and when. @param {RecordDetail} record @returns {Moment[]} */
function momentsOfAnswerer({ times, answerer, early_answerer: early }) {
  const after = (from, length) => from && length !== null ? new Date(Date.parse(from) + length).toISOString() : null;
  return [
    early && { at: after(times.early_media, early.after), text: word("earlyBy", early.answered_by), more: word("answererReason", early.reason), kind: "" },
    answerer && { at: after(times.answered, answerer.after), text: t("judgedNow", { who: word("answeredBy", answerer.answered_by) }), more: word("answererReason", answerer.reason), kind: "" },
    answerer && { at: after(times.answered, answerer.beep_after), text: t("beepNow"), more: "", kind: "" },
  ].filter(Boolean);
}

/** A moment of a call: when, what happened, what is said beside it, how it looks. @typedef {{ at: string, text: string, more: string, kind: string }} Moment */

/** Each moment, in its order. @param {RecordDetail} record @param {string} line @returns {Moment[]} */
export function momentsOf(record, line) {
  const { times, cause } = record;
  const rang = times.ringing && times.answered ? t("rangFor", { seconds: (seconds(record, times.answered) - seconds(record, times.ringing)).toFixed(1) }) : "";
  const moments = [
    { at: times.dialed, text: line ? `INVITE${t("pause")}${line}` : "INVITE", more: record.caller_id ?? "", kind: "" },
    { at: times.ringing, text: t("ringsNow"), more: "", kind: "" },
    { at: times.early_media, text: t("earlyMedia"), more: "", kind: "" },
    { at: times.answered, text: t("answeredNow"), more: rang, kind: "answer" },
    ...record.keys.map(({ at, step, label, keys }) => ({ at, text: t("pressedNow", { keys }), more: label ?? t("stepNumber", { step }), kind: "" })),
    ...record.steps.map((reached) => ({ at: reached.at, text: stepText(reached), more: "", kind: "" })),
    ...momentsOfAnswerer(record),
    ...record.legs.flatMap(momentsOfLeg),
    { at: times.ended, text: t("endedNow", { who: endsOfCall(record) }), more: cause.q850 === null ? "" : `Q.850 ${cause.q850}`, kind: "ended" },
  ];
  return moments.filter(({ at }) => at).sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
}

/** Those of a call to someone else. @param {RecordDetail["legs"][number]} leg @returns {Moment[]} */
function momentsOfLeg({ target, times: { dialed, answered, ended }, class: kind }) {
  return [
    { at: dialed, text: t("legDialed", { target }), more: "", kind: "" },
    { at: answered, text: t("legAnswered", { target }), more: "", kind: "answer" },
    { at: ended, text: t("legEnded", { target }), more: answered ? "" : word("class", kind), kind: "" },
  ];
}

/**
 * The moments, in seconds from the first packet. With a recording that can be played, one that is in it is pressed to play from there, and the
 * last before what is heard is marked. @param {RecordDetail} record @param {Moment[]} moments @param {import("../playback.js").Playback} playback
 */
export function happened(record, moments, playback) {
  const heard = playback ? momentHeard(record, moments, playback) : -1;
  return html`
    <section class="panel" aria-labelledby="course-title">
      <header><h2 id="course-title">${t("course")}</h2><span class="small quiet push">${t("secondsFromInvite")}</span></header>
      <div class="body">
        <ol class="events">
          ${moments.map(({ at, text, more, kind }, place) => {
            const start = playback ? placeIn(record, at) : -1;
            const isIn = start >= 0 && start < playback?.length;
            return html`
              <li class=${kind} aria-current=${place === heard ? "true" : nothing}>
                <time datetime=${at}>${seconds(record, at).toFixed(3)}</time>
                ${isIn ? html`<button type="button" class="from what" @click=${() => playback.playFrom(start)}>${text}</button>` : html`<span class="what">${text}</span>`}
                ${more ? html`<span class="small quiet">${more}</span>` : nothing}
              </li>
            `;
          })}
        </ol>
      </div>
    </section>
  `;
}

/** Where an instant is in the recording, in seconds; before it, less than 0. @param {RecordDetail} record */
function placeIn({ recording, times }, instant) {
  // It begins with the first packet after the answer.
  return instant === times.answered ? 0 : (Date.parse(instant) - Date.parse(recording.begun_at)) / 1000;
}

/** The place of the last moment before what is heard; -1 where nothing was played yet. @param {RecordDetail} record @param {Moment[]} moments @param {import("../playback.js").Playback} playback */
export function momentHeard(record, moments, playback) {
  return playback.at > 0 ? moments.findLastIndex(({ at }) => placeIn(record, at) <= playback.at) : -1;
}
