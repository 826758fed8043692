// What is closed today for everything of the account, above the day.

import { address } from "../route.js";
import { html, nothing } from "../view.js";
import { icon } from "./icon.js";
import { momentText } from "../clock.js";
import { t } from "../language.js";

/** How many have a line of their own. */
const SHOWN = 3;

/**
 * Those that hold, or begin today; `now` is the server's wall clock, which theirs are on.
 * @param {PlannedClosure[]} closures @param {string} now @param {Account} account
 */
export function closureBanner(closures, now, account) {
  const today = closures.filter(({ begin, end }) => now < end && begin.slice(0, 10) <= now.slice(0, 10)).slice(0, SHOWN);
  if (today.length === 0) return nothing;
  return html`
    <div class="stack tight closed-today" role="status">
      ${today.map(
        ({ name, begin, end }) => html`
          <p class="banner">
            ${icon("pause")}<span><b class="strong">${t("closedFor", { name })}</b>${t("nextSentence")}${t("fromTo", { from: momentText(begin, now), to: momentText(end, now) })}</span>
            <a class="button little push" href=${address(account, "closures")}>${t("look")}</a>
          </p>
        `,
      )}
    </div>
  `;
}
