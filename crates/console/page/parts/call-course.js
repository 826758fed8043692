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

/** Each moment, in seconds from the first packet. @param {RecordDetail} record @param {string} line */
export function happened(record, line) {
  const { times, cause } = record;
  const rang = times.ringing && times.answered ? t("rangFor", { seconds: (seconds(record, times.answered) - seconds(record, times.ringing)).toFixed(1) }) : "";
  const moments = [
    { at: times.dialed, text: line ? `INVITE${t("pause")}${line}` : "INVITE", more: record.caller_id ?? "", kind: "" },
    { at: times.ringing, text: t("ringsNow"), more: "", kind: "" },
    { at: times.early_media, text: t("earlyMedia"), more: "", kind: "" },
    { at: times.answered, text: t("answeredNow"), more: rang, kind: "answer" },
    ...record.keys.map(({ at, step, label, keys }) => ({ at, text: t("pressedNow", { keys }), more: label ?? t("stepNumber", { step }), kind: "" })),
    { at: times.ended, text: t("endedNow", { who: endsOfCall(record) }), more: cause.q850 === null ? "" : `Q.850 ${cause.q850}`, kind: "ended" },
  ];
  const order = moments.filter(({ at }) => at).sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
  return html`
    <section class="panel" aria-labelledby="course-title">
      <header><h2 id="course-title">${t("course")}</h2><span class="small quiet push">${t("secondsFromInvite")}</span></header>
      <div class="body">
        <ol class="events">
          ${order.map(({ at, text, more, kind }) => html`
            <li class=${kind}><time datetime=${at}>${seconds(record, at).toFixed(3)}</time><span>${text}</span>${more ? html`<span class="small quiet">${more}</span>` : nothing}</li>
          `)}
        </ol>
      </div>
    </section>
  `;
}
