// How an override differs between two versions of a group. Pure.

import { instantText } from "../clock.js";
import { t } from "../language.js";

/** The override, which stays as it is when a version is restored. @param {Group} before @param {Group} after @returns {string[]} */
export function overrideChange({ override: before }, { override: after }) {
  return fieldChange("overridden", overrideText(before), overrideText(after));
}

function fieldChange(label, before, after) {
  return before === after ? [] : [t("fieldChange", { label: t(label), before: before || "–", after: after || "–" })];
}

/** @param {Group["override"]} over */
function overrideText(over) {
  return over ? [t("overrideWas", { state: t(`override.${over.state}`), until: instantText(over.until) }), over.reason].filter(Boolean).join(t("pause")) : "";
}
