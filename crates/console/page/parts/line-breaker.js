// A line whose breaker is not closed: why, what happens next, and whose calls go over it still.

import { html, nothing } from "../view.js";
import { icon } from "./icon.js";
import { percentText } from "./task-progress.js";
import { t } from "../language.js";

/** @typedef {Data<"line_activity">[number]} Activity */

/** What a breaker is that is not closed. @param {Activity["breaker"]["state"]} state @param {string} text @param {unknown} [title] */
export function breakerChip(state, text, title = nothing) {
  const sign = state === "half_open" ? html`<span class="dot half"></span>` : icon("bolt");
  return html`<span class="chip state ${state === "half_open" ? "wait" : "bad"}" title=${title}>${sign}${text}</span>`;
}

/** @param {Line} line @param {Activity} activity @param {unknown} tools what may be done about it */
export function lineBreaker({ name, cps }, { breaker, starts_per_second: starts, last_failure: last, last_hour: bars, calls, tasks }, tools) {
  const sum = (of) => bars.reduce((total, bar) => total + of(bar), 0);
  const [attempts, failures] = [sum((bar) => bar.attempts), sum((bar) => bar.line_failures)];
  const row = (label, value) => html`<dt>${t(label)}</dt><dd>${value}</dd>`;
  return html`
    <section class="panel line-breaker" aria-label=${t("breakerOf", { name })}>
      <header>
        <h2>${name}</h2>
        ${breakerChip(breaker.state, t(breaker.state === "half_open" ? "breakerHalfOpenSince" : "breakerOpenSince", { at: breaker.since }))}
        <span class="row push">${tools}</span>
      </header>
      <div class="body beside">
        <div>
          <h3>${t("whyOpened")}</h3>
          <dl class="facts">
            ${last ? row("lastAnswer", html`<code>${[last.code, last.phrase].filter(Boolean).join(" ") || "–"}</code> <span class="quiet">${last.at}</span>`) : nothing}
            ${row("lineFailures", attempts > 0 ? t("failuresOf", { failures, attempts, share: percentText(failures, attempts) }) : "–")}
          </dl>
        </div>
        <div>
          <h3>${t("whatNext")}</h3>
          <dl class="facts">
            ${row("nextProbe", breaker.next_probe_at ?? t("probedNow"))} ${row("probes", t("probesOf", { count: breaker.probes, most: breaker.most_probes }))}
            ${row("startsNow", t("startsOf", { count: starts, most: cps }))} ${row("breakerCloses", t("closesByItself"))}
            ${row("meanwhile", calls > 0 ? t("callsLeft", { count: calls, tasks: tasks.map(({ task_name: task }) => task).join(t("comma")) }) : t("nothingStartsThere"))}
          </dl>
        </div>
      </div>
    </section>
  `;
}
