// Which users have a share of a line, until when; a share is given and taken away at once.

import { complain, say } from "./notice.js";
import { empty, loading } from "./blank.js";
import { faultLine, Faults, invalid } from "./faults.js";
import { CODE } from "../api.js";
import { icon } from "./icon.js";
import { once } from "./dialog.js";
import { pager } from "./pager.js";
import { t } from "../language.js";
import { View, define, html, nothing, repeat } from "../view.js";

const PER_PAGE = 20;

/** How many users are offered. */
const OFFERED = 100;

class LineShares extends View {
  /** @type {Data<"line_allocations">} */
  #shares = null;
  /** @type {Meta} */
  #meta = null;
  #users = [];
  #faults = new Faults();
  /** What there is to know about the share that was given last. */
  #warnings = [];

  start() {
    this.#load(1);
    this.#offer();
  }

  async #load(page) {
    try {
      const { data, meta } = await this.api.lineShares(this.line.id, { page, per_page: PER_PAGE }, this);
      [this.#shares, this.#meta] = [data, meta];
      this.update();
    } catch (error) {
      complain(error);
    }
  }

  async #offer() {
    try {
      this.#users = (await this.api.users({ per_page: OFFERED }, this)).data;
      this.update();
    } catch (error) {
      complain(error);
    }
  }

  draw() {
    return html`
      <header><h2>${t("shares")}</h2><span class="small quiet">${t("sharesMean")}</span></header>
      ${this.#shares === null ? loading() : this.#list()} ${pager(this.#meta, (page) => this.#load(page))} ${this.fixed ? nothing : this.#form()}
    `;
  }

  #list() {
    if (this.#shares.length === 0) return empty("line", t("noShare"));
    return html`
      <ul class="rules">
        ${repeat(
          this.#shares,
          ({ id }) => id,
          (share) => html`
            <li data-share=${share.id}>
              <b class="strong">${share.name}</b>
              ${this.fixed
                ? nothing
                : html`<button type="button" class="button plain little square" aria-label=${t("takeAway", share)} @click=${() => this.#take(share)}>${icon("cross")}</button>`}
              <small>${t("shareText", { count: share.line_concurrency })}${t("pause")}${share.deadline_at ? t("untilMoment", { at: share.deadline_at }) : t("noDeadline")}</small>
            </li>
          `,
        )}
      </ul>
    `;
  }

  #form() {
    return html`
      <form class="body" @submit=${this.#give}>
        <label class="over">
          ${t("user")}
          <select class="field" name="user" required>
            ${this.#users.map(({ id, name }) => html`<option value=${id}>${name}</option>`)}
          </select>
        </label>
        <div class="fields">
          ${this.#field("line_concurrency", t("concurrency"), "1")} ${this.#field("deadline_at", t("deadline"), "", "YYYY-MM-DD HH:MM:SS")}
        </div>
        ${this.#warnings.map((text) => html`<p class="small is-wait" role="status">${icon("warn")} ${text}</p>`)}
        ${this.#faults.beside(["line_concurrency", "deadline_at"]).map((text) => html`<p class="fault" role="alert">${icon("warn")}${text}</p>`)}
        <div class="row"><button type="submit" class="button">${icon("plus")}${t("giveShare")}</button></div>
      </form>
    `;
  }

  #field(name, label, value, placeholder = "") {
    return html`
      <label class="over">
        ${label}
        <input class="field" name=${name} autocomplete="off" placeholder=${placeholder} value=${value} ${invalid(this.#faults, null, name)} />
        ${faultLine(this.#faults, null, name)}
      </label>
    `;
  }

  #give = once(async (event) => {
    const fields = new FormData(event.target);
    const deadline = fields.get("deadline_at").trim();
    const share = { line_concurrency: Number(fields.get("line_concurrency")), ...(deadline && { deadline_at: deadline }) };
    this.#faults = new Faults();
    try {
      const { data } = await this.api.shareLine(fields.get("user"), this.line.id, share);
      this.#warnings = data.warnings;
      say(t("shareGiven", this.line));
      await this.#load(1);
    } catch (error) {
      if (error.code !== CODE.invalid) return complain(error);
      this.#faults = new Faults(error.faults);
    }
    this.update();
  });

  async #take(share) {
    try {
      await this.api.unshareLine(share.belong_user, share.id);
      say(t("shareTaken", share));
      this.#warnings = [];
    } catch (error) {
      complain(error);
    }
    this.#load(1);
  }
}

define("line-shares", LineShares, ["api", "line", "fixed"]);
