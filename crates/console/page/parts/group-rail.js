// What lies beside the week of a group that is edited: its exceptions, its seasons and its settings. Each comes after the page.

import { faultLine } from "./faults.js";
import { html, nothing } from "../view.js";
import { isHere } from "../rare-pages.js";
import { t } from "../language.js";

/**
 * `group` is as the server has it, `zone` that of the draft, `serverZone` that of a group that names none. `faults` is what the server refused, `marks` with what is
 * plain without asking it.
 * @typedef {{ api: AccountApi, draft: Draft, group: Group, calendars: HolidayCalendar[], seasonKey: number | null, zone: string, serverZone: string, faults: import("./faults.js").Faults, marks: import("./faults.js").Faults, isNew: boolean, isFixed: boolean }} Edited
 * @typedef {{ set: (field: string, value: any) => void, chooseSeason: (key: number | null) => void }} RailActions
 */

/** @param {Edited} edited @param {RailActions} actions */
export function groupRail(edited, actions) {
  return html`${exceptions(edited, actions)} ${seasons(edited, actions)} ${settings(edited, actions)}`;
}

// The zone has a line of its own, of one height while a zone is typed: what lies below must not move from under a click.
/** @param {Edited} edited @param {RailActions} actions */
function exceptions({ api, group, draft, zone, faults, marks, isFixed }, { set }) {
  if (!isHere("exception-list")) return nothing;
  return html`
    <section class="panel" aria-labelledby="exceptions-title">
      <exception-list
        class="part"
        .api=${api}
        .group=${group}
        .exceptions=${draft.exceptions}
        .zone=${zone}
        .faults=${marks}
        .fixed=${isFixed}
        @change-exceptions=${({ detail }) => set("exceptions", detail)}
      ></exception-list>
      <footer><div class="stack tight"><span>${t("exceptionsMean")}</span><span class="cut zone">${t("timesIn", { zone: zone ?? "…" })}</span></div>${faultLine(faults, null, "exceptions")}</footer>
    </section>
  `;
}

/** @param {Edited} edited @param {RailActions} actions */
function seasons({ draft, seasonKey, zone, faults, marks, isFixed }, { set, chooseSeason }) {
  if (!isHere("season-list")) return nothing;
  return html`
    <section class="panel" aria-labelledby="seasons-title">
      <season-list
        class="part"
        .seasons=${draft.seasons}
        .chosen=${seasonKey}
        .windows=${draft.windows}
        .zone=${zone}
        .faults=${marks}
        .fixed=${isFixed}
        @change-seasons=${({ detail }) => set("seasons", detail)}
        @choose-season=${({ detail }) => chooseSeason(detail)}
      ></season-list>
      <footer>${t("seasonsMean")}${faultLine(faults, null, "seasons")}</footer>
    </section>
  `;
}

/** @param {Edited} edited @param {RailActions} actions */
function settings({ draft, calendars, serverZone, marks, isNew, isFixed }, { set }) {
  if (!isHere("group-settings")) return nothing;
  return html`
    <section class="panel" aria-labelledby="settings-title">
      <group-settings
        class="part"
        .draft=${draft}
        .faults=${marks}
        .calendars=${calendars}
        .zone=${serverZone}
        .fresh=${isNew}
        .fixed=${isFixed}
        @set=${({ detail }) => set(detail.field, detail.value)}
      ></group-settings>
    </section>
  `;
}
