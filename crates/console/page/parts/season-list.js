// The seasons of a group: weeks that take the place of its own on some dates, or in one of so many weeks; of those that hold the first. It shows
// `seasons` with their `faults`; `chosen` is the key of the one whose week is in the editor, `windows` the group's own week, which a new one
// begins with, `zone` the group's. It tells `change-seasons` with the changed ones and `choose-season` with a key, unless it is `fixed`.

import { faultLine } from "./faults.js";
import { hoursText, todayIn } from "../clock.js";
import { newSeason } from "../group-draft.js";
import { datesTogether, RowList } from "./row-list.js";
import { seasonDays, seasonName } from "./season-words.js";
import { t } from "../language.js";
import { union } from "../week.js";
import { define, html, nothing, repeat } from "../view.js";
import "../words/group-words.js";

const KINDS = /** @type {const} */ (["dates", "weeks"]);

/** The fields of a season whose faults are shown in its row; those of its windows are where the week is. */
const FIELDS = ["name", "begin_date", "end_date", "every_weeks", "anchor_date", "content"];

class SeasonList extends RowList {
  constructor() {
    super("seasons");
  }

  draw() {
    return html`
      <header>
        <h2 id="seasons-title">${t("seasons")}</h2>
        ${this.addButton(t("addSeason"), this.#add)}
      </header>
      <ul class="rules seasons">
        ${repeat(
          this.seasons,
          ({ key }) => key,
          (season, index) => this.#row(season, index),
        )}
      </ul>
    `;
  }

  /** @param {SeasonRow} season */
  #row(season, index) {
    const { key, windows } = season;
    const label = seasonName(season, index);
    const hours = union(windows).reduce((sum, { from, to }) => sum + to - from, 0);
    return html`
      <li data-season=${index}>
        ${this.nameButton(season, label)}
        <span class="row">
          ${this.chosen === key ? html`<span class="tag accent">${t("seasonInEditor")}</span>` : nothing} ${this.fixed ? nothing : this.#tools(season, index, label)}
        </span>
        <small>${[seasonDays(season), t("hoursAWeek", { hours: hoursText(hours) })].filter(Boolean).join(t("pause"))}</small>
        ${this.isOpen(season) ? this.#fields(season, index + 1, label) : nothing}
        <span class="row">
          <button type="button" class="button little edit-week" aria-pressed=${String(this.chosen === key)} aria-label=${`${t(this.fixed ? "seeSeasonWeek" : "editSeasonWeek")} ${label}`} @click=${() => this.tell("choose-season", this.chosen === key ? null : key)}>
            ${t(this.fixed ? "seeSeasonWeek" : "editSeasonWeek")}
          </button>
        </span>
      </li>
    `;
  }

  #tools(season, index, label) {
    const last = this.seasons.length - 1;
    return html`
      ${this.seasons.length < 2
        ? nothing
        : html`
            <button type="button" class="button plain little square up" aria-label=${t("seasonEarlier", { name: label })} ?disabled=${index === 0} @click=${() => this.#move(index, index - 1)}>↑</button>
            <button type="button" class="button plain little square" aria-label=${t("seasonLater", { name: label })} ?disabled=${index === last} @click=${() => this.#move(index, index + 1)}>↓</button>
          `}
      ${this.removeButton(season, label)}
    `;
  }

  /** @param {SeasonRow} season */
  #fields(season, number, label) {
    const field = (name, text, options) => this.field(season, name, t(text, { number }), options);
    return html`
      <fieldset class="fields" ?disabled=${this.fixed}>
        ${field("name", "seasonNameOf", { maxlength: 100, placeholder: t("name") })}
        <select class="field" aria-label=${t("seasonWhen", { name: label })} @change=${(event) => this.putRow(season, { kind: event.target.value })}>
          ${KINDS.map((kind) => html`<option value=${kind} .selected=${kind === season.kind}>${t(`season.${kind}`)}</option>`)}
        </select>
        ${season.kind === "dates"
          ? html`
              ${field("begin_date", "seasonFirst", { maxlength: 10, placeholder: "MM-DD" })}
              <span aria-hidden="true">–</span>
              ${field("end_date", "seasonLast", { maxlength: 10, placeholder: "MM-DD" })}
            `
          : html`
              ${field("every_weeks", "seasonWeeks", { maxlength: 2, placeholder: "2" })} ${field("anchor_date", "seasonAnchor", { maxlength: 10, placeholder: "YYYY-MM-DD" })}
              <small class="quiet">${t("seasonAnchorMeans")}</small>
            `}
        ${faultLine(this.faults, season.key, "content")}
      </fieldset>
    `;
  }

  changeOf(season, field, text) {
    return datesTogether(season, field, text);
  }

  /** @param {SeasonRow} season */
  hasFault({ key }) {
    return FIELDS.some((field) => this.faults.of(key, field).length > 0);
  }

  removeRow(season) {
    if (this.chosen === season.key) this.tell("choose-season", null);
    super.removeRow(season);
  }

  #move(from, to) {
    this.changeRows(this.seasons.toSpliced(from, 1).toSpliced(to, 0, this.seasons[from]));
  }

  #add = () => {
    const added = newSeason(todayIn(this.zone), this.windows);
    this.addRow(added);
    this.tell("choose-season", added.key);
  };
}

define("season-list", SeasonList, ["seasons", "chosen", "windows", "faults", "zone", "fixed"]);
