// What is closed today for everything of the account, above the day: planned closures with the tasks that do not dial meanwhile and a way to revoke them, and
// ceilings. It shows `closures` and `ceilings` of the moment `now` on the server's clock, and the `tasks` that are not paused; it tells `revoked`.

import { address } from "../route.js";
import { icon } from "./icon.js";
import { levelText, mayRevoke } from "./revoke-closure.js";
import { listText, t } from "../language.js";
import { momentText } from "../clock.js";
import { View, define, html, nothing } from "../view.js";
import "../words/closure-words.js";

/** How many have a line of their own, and how many tasks are named in it. */
const SHOWN = 3;
const NAMED = 5;

class ClosedToday extends View {
  /** The closure that is asked about. @type {PlannedClosure} */
  #revoking = null;

  draw() {
    const more = this.closures.length - SHOWN;
    return html`
      <div class="stack tight closed-today" role="status">
        ${this.closures.slice(0, SHOWN).map((closure) => this.#closure(closure))}
        ${more > 0 ? html`<p class="banner">${icon("pause")}<span>${t("moreClosures", { count: more })}</span>${this.#look()}</p>` : nothing}
        ${this.ceilings.slice(0, SHOWN).map((ceiling) => this.#ceiling(ceiling))}
      </div>
      ${this.#revoking ? html`<revoke-closure .api=${this.api} .account=${this.account} .closure=${this.#revoking} @closed=${this.#closed}></revoke-closure>` : nothing}
    `;
  }

  #look() {
    return html`<a class="button little" href=${address(this.account, "closures")}>${t("look")}</a>`;
  }

  /** @param {PlannedClosure} closure */
  #closure(closure) {
    const { id, name, begin, end } = closure;
    const times = t("fromTo", { from: momentText(begin, this.now), to: momentText(end, this.now) });
    return html`
      <div class="banner" data-closure=${id}>
        ${icon("pause")}
        <span>
          <b class="strong">${t("closedFor", { name })}</b>${t("nextSentence")}${times}${t("pause")}${levelText(closure, this.account)}<br />
          <small class="small affected">${this.#tasksText()}</small>
        </span>
        <span class="push row">
          ${this.#look()}
          ${mayRevoke(closure, this.account, this.token)
            ? html`<button type="button" class="button little revoke" aria-label=${t("revokeOf", { name })} @click=${() => this.#ask(closure)}>${icon("undo")}${t("revoke")}</button>`
            : nothing}
        </span>
      </div>
    `;
  }

  /** Those that would dial in their hours. */
  #tasksText() {
    const { total, tasks } = this.tasks;
    if (total === 0) return t("closesNoTask");
    const names = listText(tasks.slice(0, NAMED).map(({ name }) => name));
    return t(total > NAMED ? "closesTasksAmong" : "closesTasks", { names, count: total });
  }

  /** @param {ClosedByCeiling} ceiling */
  #ceiling({ name, groups, tasks }) {
    return html`
      <div class="banner" data-ceiling>
        ${icon("pause")}<span><b class="strong">${t("ceilingCloses", { name })}</b>${t("nextSentence")}${t("ceilingHits", { groups, tasks })}</span>
        <span class="push">${this.#look()}</span>
      </div>
    `;
  }

  /** @param {PlannedClosure} closure */
  #ask(closure) {
    this.#revoking = closure;
    this.update();
  }

  #closed = () => {
    this.#ask(null);
    this.tell("revoked");
  };
}

define("closed-today", ClosedToday, ["api", "account", "token", "closures", "ceilings", "tasks", "now"]);
