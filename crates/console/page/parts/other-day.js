// A day that is not today: when groups are open on it, and what was dialed. Nothing of it goes on.

import { callPlots, dayQuarters, dialedWindows } from "./calls-plot.js";
import { counter, countText, percentText } from "./task-progress.js";
import { hourAxis, pieceText } from "./day-line.js";
import { address } from "../route.js";
import { html, nothing } from "../view.js";
import { listText, t } from "../language.js";

/** A day: the open pieces of each group on it, what was dialed on it and on the day before. @typedef {{ date: string, pieces: Map<number, { from: number, to: number }[]>, dialed: Data<"dialed_day">, before: Data<"dialed_day"> }} OtherDay */

/** What was dialed on the day, in one strip; nothing where nothing was. @param {OtherDay} day */
export function otherDayCounters({ dialed: { tries, answered } }) {
  if (tries === 0) return nothing;
  return html`
    <div class="counters">
      ${counter("tries", t("callsThatDay"), countText(tries), t("callsUnit", { count: tries }))}
      ${counter("answered", t("answerRate"), percentText(answered, tries), "")}
    </div>
  `;
}

/** The lines of the groups, and the plots. @param {OtherDay} day @param {import("../today.js").Row[]} rows @param {{ account: any, zone: string }} where */
export function otherDayBoard(day, rows, { account, zone }) {
  const plots = day.dialed.tries > 0 ? callPlots(dayQuarters(day.dialed.groups), dayQuarters(day.before.groups), null) : nothing;
  const board = html`
    <section class="panel board" aria-label=${t("windowsThatDay")}>
      <div class="axis"><span>${t("groupsWithTasks", { count: rows.length })}</span>${hourAxis()}<span></span></div>
      ${rows.map(({ group }) => line(group, day.pieces.get(group.id) ?? [], day.dialed.groups, account))}
      <footer class="legend">
        <span><i class="key open"></i>${t("open")}</span>
        ${day.dialed.tries > 0 ? html`<span><i class="key made"></i>${t("dialedByQuarters")}</span>` : nothing}
        <span class="faint">${t("timesIn", { zone })}</span>
      </footer>
    </section>
  `;
  return plots === nothing ? board : html`<div class="with-rail three">${board} ${plots}</div>`;
}

function line({ id, name, is_default: isDefault }, pieces, dialed, account) {
  const text = listText(pieces.map(pieceText)) || t("closedAllDay");
  return html`
    <a class="line" data-group=${id} href=${address(account, "groups", String(id))}>
      <span class="who"><span class="cut" title=${name}>${name}</span>${isDefault ? html`<span class="tag">${t("default")}</span>` : nothing}</span>
      <div class="track">
        ${dialedWindows(pieces, id, dialed)}
      </div>
      <span class="then cut" title=${text}>${text}</span>
    </a>
  `;
}
