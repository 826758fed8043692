// What differs between two drafts of a group, for people.

import { changedFields } from "../group-draft.js";
import { difference, timeText } from "../week.js";
import { html, nothing } from "../view.js";
import { t, weekday } from "../language.js";

/** Windows added and removed, day by day, and each other setting as it was and as it is to be. */
export function changeList(before, after) {
  const fields = changedFields(before, after);
  const { added, removed } = difference(before.windows, after.windows);
  const sameTimes = fields.includes("content") && added.length + removed.length === 0;
  return html`
    <ul class="changes">
      ${removed.map((piece) => html`<li class="removed"><span aria-hidden="true">−</span> ${t("removedWindow", { window: pieceText(piece) })}</li>`)}
      ${added.map((piece) => html`<li class="added"><span aria-hidden="true">+</span> ${t("addedWindow", { window: pieceText(piece) })}</li>`)}
      ${sameTimes ? html`<li>${t("sameTimes")}</li>` : nothing}
      ${fields
        .filter((field) => field !== "content")
        .map((field) => html`<li><span aria-hidden="true">~</span> ${fieldText(field, before, after)}</li>`)}
      ${fields.length === 0 ? html`<li class="quiet">${t("nothingChanges")}</li>` : nothing}
    </ul>
  `;
}

function pieceText({ week, from, to }) {
  return `${weekday(week)} ${timeText(from)}–${timeText(to)}`;
}

const FIELD_WORDS = {
  name: "name",
  is_default: "isDefault",
  skip_holiday: "skipHoliday",
  timezone: "timezone",
  holiday_calendar: "holidayCalendar",
  makeup_policy: "makeupPolicy",
  beyond_horizon: "beyondHorizon",
  exceptions: "exceptions",
};

function fieldText(field, before, after) {
  const label = t(FIELD_WORDS[field]);
  return t("fieldChange", { label, before: valueText(field, before[field]), after: valueText(field, after[field]) });
}

function valueText(field, value) {
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  if (field === "makeup_policy") return t(`makeup.${value}`);
  if (field === "beyond_horizon") return t(`beyond.${value}`);
  if (field === "exceptions") return t("exceptionCount", { count: value.length });
  return value || "–";
}
