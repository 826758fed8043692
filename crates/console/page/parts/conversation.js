// What was said in a call, and what came of it: as the bot or another program has written it.

import { html, nothing } from "../view.js";
import { minutesText } from "./record-table.js";
import { t } from "../language.js";

/** What was said, turn by turn; nothing where nobody has written it. @param {Data<"call_result">} result */
export function talk({ transcript }) {
  if (transcript.length === 0) return nothing;
  return html`
    <section class="panel" aria-labelledby="talk-title">
      <header><h2 id="talk-title">${t("transcript")}</h2></header>
      <ol class="talk">
        ${transcript.map(
          ({ offset, at, speaker, text }) => html`
            <li class=${speaker}>
              <time>${offset === null || offset < 0 ? (at?.slice(11, 19) ?? "–") : minutesText(Math.floor(offset / 1000))}</time>
              <b>${t(`speaker.${speaker}`)}</b>
              <p>${text}</p>
            </li>
          `,
        )}
      </ol>
    </section>
  `;
}

/** What came of the conversation; nothing where nobody has said. @param {Data<"call_result">} result */
export function outcomeOfTalk({ intention, score, rounds, tags, summary, fields }) {
  const named = Object.entries(fields);
  const saysNothing = intention === null && score === null && rounds === 0 && tags.length === 0 && summary === null;
  if (saysNothing && named.length === 0) return nothing;
  const line = (label, value) => (value === null || value === "" ? nothing : html`<dt>${label}</dt><dd>${value}</dd>`);
  const chips = html`<span class="row wrap">${tags.map((tag) => html`<span class="tag">${tag}</span>`)}</span>`;
  return html`
    <section class="panel" aria-labelledby="result-title">
      <header><h2 id="result-title">${t("callResult")}</h2></header>
      <dl class="facts">
        ${line(t("intention"), intention && t(`intention.${intention}`))} ${line(t("callTags"), tags.length > 0 ? chips : null)}
        ${line(t("summary"), summary)} ${line(t("score"), score)} ${line(t("rounds"), rounds || null)}
        ${named.map(([name, value]) => line(name, String(value ?? "")))}
      </dl>
    </section>
  `;
}
