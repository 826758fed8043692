// What stands above a group: its name, whether it is open, who uses it, and what can be done with it as a whole.

import { address } from "../route.js";
import { groupChip, untilChange, whyText } from "./state.js";
import { html, nothing } from "../view.js";
import { icon } from "./icon.js";
import { t } from "../language.js";

/**
 * `taskCount` is null until it is known; `rename` and `override` are called for the person asks for that.
 * @typedef {{ account: Account, isNew: boolean, isFixed: boolean, decision: Decision, taskCount: number | null, isOverriding: boolean, rename: () => void, override: () => void }} Around
 * @param {Group} group @param {Around} around
 */
export function groupHead(group, around) {
  const { account, isNew, isFixed, decision, rename } = around;
  return html`
    <div class="head">
      <nav class="crumbs" aria-label=${t("place")}><a href=${address(account, "groups")}>${t("groups")}</a>${icon("right")}</nav>
      <h1>${isNew ? t("newGroup") : group.name}</h1>
      ${isNew || isFixed ? nothing : html`<button type="button" class="button plain little" @click=${rename}>${t("rename")}</button>`}
      ${isNew || !decision ? nothing : html`${groupChip(decision)} <span class="small quiet">${untilChange(decision)}</span> ${decision.reason.rule === "ceiling" ? whyText(decision) : nothing}`}
      ${group.is_default ? html`<span class="tag accent">${t("default")}</span>` : nothing} ${isNew ? nothing : numbers(group, around)}
    </div>
  `;
}

/** @param {Group} group @param {Around} around */
function numbers({ id, version }, { account, isFixed, taskCount, isOverriding, override }) {
  const tasks = `${address(account, "tasks")}?group=${id}`;
  return html`
    <span class="small quiet">
      ${t("groupNumber", { id })}${t("pause")}${t("version", { version })}${taskCount == null
        ? nothing
        : html`${t("pause")}<a href=${tasks}>${t("usedBy", { count: taskCount })}</a>`}
    </span>
    <div class="tools">
      <a class="button" href=${address(account, "groups", String(id), "calendar")}>${icon("today")}${t("calendar")}</a>
      <a class="button" href=${address(account, "groups", String(id), "versions")}>${icon("wait")}${t("versions")}</a>
      ${isFixed
        ? nothing
        : html`<a class="button" href=${`${address(account, "groups", "new")}?from=${id}`}>${icon("copy")}${t("duplicate")}</a>
            <button type="button" class="button override" aria-expanded=${String(isOverriding)} @click=${override}>${icon("pause")}${t("overrideGroup")}</button>`}
    </div>
  `;
}
