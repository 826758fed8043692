// Lines: the trunks of the partner, what is called over each now and how it fares, and the groups that they make.

import { address, keepQuery, pageNumber } from "../route.js";
import { closeDialog, once } from "../parts/dialog.js";
import { deleteDialog } from "../parts/delete-dialog.js";
import { CODE } from "../api.js";
import { complain, say } from "../parts/notice.js";
import { countOf, pager } from "../parts/pager.js";
import { counter, countText, percentText } from "../parts/task-progress.js";
import { define, html, Latest, nothing, place, repeat } from "../view.js";
import { empty, loading } from "../parts/blank.js";
import { icon } from "../parts/icon.js";
import { breakerChip, lineBreaker } from "../parts/line-breaker.js";
import { Page } from "./page.js";
import { SteadyRows } from "../parts/steady-rows.js";
import { svg } from "../vendor/lit-html/lit-html.js";
import { learnWords, t } from "../language.js";
import { chineseLines } from "../words/chinese-lines.js";
import { englishLines } from "../words/english-lines.js";
import "../parts/stop-dialog.js";

learnWords(chineseLines, englishLines);

/** @typedef {Data<"line_activity">[number]} Activity */

const PER_PAGE = 20;

/** The most groups that are shown. */
const GROUPS = 50;

/** How often it is looked at what is called over them. */
const LOOK = 5000;

/** The width of a bar of the last hour, and of a bar with the gap beside it. */
const BAR = 3.5;
const STEP = 5;

/** Whether a line's breaker is not closed. @param {{ breaker?: Activity["breaker"] }} [line] */
const isDown = (line) => line?.breaker !== undefined && line.breaker.state !== "closed";

/** How a line's state reads. @param {Line} line @param {Activity} [activity] */
export function lineState({ kind, breaker: own }, activity = null) {
  if (activity?.stopped) return html`<span class="chip state bad">${icon("stop")}${t("lineStopped")}</span>`;
  const breaker = activity?.breaker ?? own;
  if (isDown({ breaker })) {
    const last = activity?.last_failure;
    const { state, since, next_probe_at: next } = breaker;
    const said = last && [last.code, last.phrase].filter(Boolean).join(" ");
    const title = [since, said, next && t("nextTrial", { at: next })].filter(Boolean).join(t("pause"));
    return html`${breakerChip(state, t(`breaker.${state}`), title)}${said ? html`<br /><small class="said">${said}</small>` : nothing}`;
  }
  if (kind === "simulated") return html`<span class="chip state accent">${icon("info")}${t("simulatedLine")}</span>`;
  if (activity?.registration?.registered === false) {
    const { code, phrase } = activity.registration;
    return html`<span class="chip state bad" title=${[code, phrase].filter(Boolean).join(" ")}>${icon("bolt")}${t("lineUnregistered")}</span>`;
  }
  const used = activity?.calls > 0;
  return html`<span class="chip state ${used ? "open" : ""}"><span class="dot ${used ? "live" : "hollow"}"></span>${t(used ? "lineHealthy" : "lineIdle")}</span>`;
}

/** Where its calls go. @param {Line} line */
export function lineWay({ kind, sip }) {
  return kind === "simulated" ? t("answersByScript") : `SIP ${sip.transport.toUpperCase()}${t("pause")}${sip.addresses[0]}`;
}

/** A share of a whole, where there is one. */
function shareText(part, whole) {
  return whole > 0 ? percentText(part, whole) : "–";
}

class LinesPage extends Page {
  /** @type {SteadyRows<Line>} */
  #lines = new SteadyRows(this, ({ id }) => id, () => this.#load(this.#page));
  /** @type {Meta} */
  #meta = null;
  #page = 1;
  /** What is called over each line, by its id. @type {Map<string, Activity>} */
  #activity = new Map();
  /** @type {Data<"list_line_groups">} */
  #groups = [];
  /** @type {Line} */
  #deleting = null;
  /** The tasks that keep it from being deleted. */
  #inUse = null;
  /** What the person is asked about stopping. @type {{ level: string, line_id?: string, name?: string } | null} */
  #stopping = null;
  #reading = new Latest();
  #timer = null;

  start() {
    this.#load(pageNumber(this.route));
    this.#timer = setInterval(() => this.#lines.all && this.#look(), LOOK);
  }

  stop() {
    clearInterval(this.#timer);
  }

  async #load(page) {
    if (!this.isConnected) return;
    this.#page = page;
    keepQuery(this.route, { page: page > 1 ? page : null });
    await this.attempt(async () => {
      const options = this.#reading.instead(this.signal);
      const { data, meta } = await this.api.lines({ page, per_page: PER_PAGE }, options);
      if (data.length === 0 && page > 1) return this.#load(meta.last_page);
      this.#lines.take(data);
      this.#meta = meta;
      this.update();
      this.#groups = (await this.api.lineGroups({ page: 1, per_page: GROUPS }, options)).data;
      await this.#look();
    });
  }

  async #look() {
    await this.attempt(async () => {
      const { data } = await this.api.lineActivity({ page: this.#page, per_page: PER_PAGE }, this);
      this.#activity = new Map(data.map((activity) => [activity.line_id, activity]));
      this.update();
    });
  }

  draw() {
    return html`
      <main id="main" tabindex="-1">
        <div class="head">
          <h1>${t("lines")}</h1>
          ${countOf(this.#meta)}
          <div class="tools">
            ${this.mayChange
              ? html`
                  <button type="button" class="button danger" @click=${() => this.#askToStop({ level: "partner" })}>${icon("stop")}${t("stopDialing")}</button>
                  <a class="button primary" href=${address(this.account, "lines", "new")}>${icon("plus")}${t("newLine")}</a>
                `
              : nothing}
          </div>
        </div>
        ${this.#lines.all?.length ? this.#counters(this.#lines.all) : html`<p class="small quiet">${t("linesMean")}</p>`}
        <div class="panel">${this.#lines.all === null ? loading() : this.#list()} ${pager(this.#meta, (page) => this.#load(page))}</div>
        ${this.#breakers()} ${this.#lines.all?.length ? this.#legend() : nothing} ${this.#groups.length > 0 ? this.#groupPanel() : nothing}
        ${this.#deleting ? this.#deleteDialog(this.#deleting) : nothing} ${this.#stopping ? this.#stopDialog() : nothing}
      </main>
    `;
  }

  /** The lines of the page whose breakers are open. */
  #breakers() {
    const open = (this.#lines.all ?? []).filter(({ id }) => isDown(this.#activity.get(id)));
    const tools = (line, { stopped }) =>
      this.mayChange && !stopped
        ? html`<button type="button" class="button little" @click=${() => this.#askToStop({ level: "line", line_id: line.id, name: line.name })}>${icon("stop")}${t("stopLine")}</button>`
        : nothing;
    return open.map((line) => lineBreaker(line, this.#activity.get(line.id), tools(line, this.#activity.get(line.id))));
  }

  #askToStop(whom) {
    this.#stopping = whom;
    this.update();
    if (!whom) this.#look();
  }

  #stopDialog() {
    return html`
      <stop-dialog .api=${this.api} .account=${this.account} .name=${""} .chosen=${0} .token=${this.token} .whom=${this.#stopping} @closed=${() => this.#askToStop(null)}></stop-dialog>
    `;
  }

  /** What is so of all lines on the page. @param {Line[]} lines */
  #counters(lines) {
    const all = [...this.#activity.values()];
    const sum = (of) => all.reduce((total, activity) => total + of(activity), 0);
    const channels = lines.reduce((total, line) => total + line.channels, 0);
    const attempts = sum(({ today }) => today.attempts);
    const open = all.filter(isDown).map(({ breaker }) => breaker.since).sort();
    const hour = (of) => sum(({ last_hour: bars }) => bars.reduce((total, bar) => total + of(bar), 0));
    return html`
      <div class="counters five">
        ${counter("calls", t("channelsInUse"), countText(sum(({ calls }) => calls)), t("ofChannels", { count: countText(channels) }))}
        ${counter("starts", t("startsNow"), perSecond(sum(({ starts_per_second: starts }) => starts)), t("ofRate", { count: perSecond(lines.reduce((total, { cps }) => total + cps, 0)) }))}
        ${counter("answered", t("answeredToday"), shareText(sum(({ today }) => today.answered), attempts), t("callCount", { count: countText(attempts) }))}
        ${counter("failures", t("lineFailures"), shareText(hour((bar) => bar.line_failures), hour((bar) => bar.attempts)), t("inLastHour"))}
        ${counter("breakers", t("breakersOpen"), open.length, open.length > 0 ? html`<span class="is-bad">${t("sinceWhen", { at: open[0].slice(11, 16) })}</span>` : "")}
      </div>
    `;
  }

  #list() {
    if (this.#lines.all.length === 0) return empty("line", t("noLine"));
    return html`
      <div class="scroll" tabindex="0" role="region" aria-label=${t("lines")}>
        <table class="table lines">
          <thead>
            <tr>
              <th scope="col" class="grow">${t("line")}</th>
              <th scope="col">${t("state")}</th>
              <th scope="col" class="w3">${t("lastHour")}</th>
              <th scope="col">${t("channels")}</th>
              <th scope="col">CPS</th>
              <th scope="col" class="num w2">${t("answeredShare")}</th>
              <th scope="col" class="num w2">${t("failures")}</th>
              <th scope="col" class="w1">${t("registration")}</th>
              ${this.mayChange ? html`<th scope="col"><span class="visually-hidden">${t("actions")}</span></th>` : nothing}
            </tr>
          </thead>
          <tbody>
            ${repeat(
              this.#lines.all,
              ({ id }) => id,
              (line) => this.#row(line, this.#activity.get(line.id)),
            )}
          </tbody>
        </table>
      </div>
    `;
  }

  /** @param {Line} line @param {Activity} [activity] */
  #row(line, activity) {
    const ask = () => {
      this.#deleting = line;
      this.update();
    };
    const today = activity?.today ?? { attempts: 0, answered: 0, line_failures: 0 };
    return html`
      <tr data-line=${line.id} ?inert=${this.#lines.hasLeft(line.id)}>
        <td class="grow">
          <span class="two"><a class="cut strong name" href=${address(this.account, "lines", line.id)} title=${line.name}>${line.name}</a><small class="cut">${lineWay(line)}</small></span>
        </td>
        <td>${lineState(line, activity)}</td>
        <td class="w3">${activity ? lastHour(activity.last_hour) : nothing}</td>
        <td>${gauge(activity?.calls ?? 0, line.channels)}</td>
        <td class="starts">${gauge(perSecond(activity?.starts_per_second ?? 0), line.cps)}</td>
        <td class="num w2 answered">${shareText(today.answered, today.attempts)}</td>
        <td class="num w2 ${today.line_failures > 0 ? "is-bad" : ""}">${shareText(today.line_failures, today.attempts)}</td>
        <td class="quiet w1">${line.kind === "simulated" ? "–" : t(line.sip.register ? "registers" : line.sip.auth_user ? "byDigest" : "byAddress")}</td>
        ${this.mayChange
          ? html`<td class="num">
              <span class="row-tools">
                <button type="button" class="button plain little square" aria-label=${t("deleteOf", line)} title=${t("delete")} @click=${ask}>${icon("trash")}</button>
              </span>
            </td>`
          : nothing}
      </tr>
    `;
  }

  #legend() {
    return html`
      <p class="legend">
        <span><i class="key p1"></i>${t("bar.ok")}</span><span><i class="key p4"></i>${t("bar.some")}</span><span><i class="key p6"></i>${t("bar.down")}</span>
        <span><i class="key p2"></i>${t("bar.idle")}</span><span class="faint">${t("barMeans")}</span>
      </p>
    `;
  }

  #groupPanel() {
    const names = new Map(this.#lines.all.map(({ id, name }) => [id, name]));
    return html`
      <section class="panel line-groups" aria-labelledby="groups-title">
        <header><h2 id="groups-title">${t("lineGroups")}</h2><span class="small quiet">${t("lineGroupsMean")}</span></header>
        <ul class="rules">
          ${this.#groups.map(
            ({ id, name, lines }) => html`
              <li data-group=${id}><b class="strong">${name}</b><small>${lines.map((line) => names.get(line) ?? t("anotherLine")).join(" → ")}</small></li>
            `,
          )}
        </ul>
      </section>
    `;
  }

  #deleteDialog(line) {
    const closed = () => {
      this.#deleting = this.#inUse = null;
      this.#lines.stay();
      this.#load(this.#page);
      this.update();
    };
    return deleteDialog({ name: line.name, inUse: this.#inUse, closed, act: this.#delete });
  }

  #delete = once(async (event) => {
    const line = this.#deleting;
    try {
      await this.api.deleteLine(line.id, line.version);
      say(t("deleted", line));
    } catch (error) {
      if (error.code === CODE.lineInUse || error.code === CODE.groupedLine) {
        this.#inUse = error;
        return this.update();
      }
      complain(error);
    }
    closeDialog(event);
  });
}

/** A sum of rates, without what adding decimals leaves behind. */
function perSecond(rate) {
  return Number(rate.toFixed(3));
}

/** How many of so many are in use. */
function gauge(used, most) {
  const part = Math.min(100, (100 * used) / most);
  return html`
    <span class="two gauge">
      <span class="row"><span class="used">${used}</span><span class="faint push">${t("ofMost", { count: most })}</span></span>
      <span class="meter ${part >= 90 ? "full" : ""}"><i ${place({ "--part": part })}></i></span>
    </span>
  `;
}

/** The last hour, a bar for two minutes. @param {Activity["last_hour"]} bars */
function lastHour(bars) {
  const kinds = bars.map(({ attempts, line_failures: failures }) => (attempts === 0 ? "idle" : failures === 0 ? "ok" : failures < attempts ? "some" : "down"));
  const text = t("lastHourText", {
    attempts: bars.reduce((total, { attempts }) => total + attempts, 0),
    failures: bars.reduce((total, { line_failures: failures }) => total + failures, 0),
  });
  return html`
    <svg class="health" viewBox="0 0 150 20" role="img" aria-label=${text}>
      ${kinds.map((kind, index) => svg`<rect class=${kind} x=${STEP * index} y=${kind === "idle" ? 14 : 0} width=${BAR} height=${kind === "idle" ? 6 : 20} rx="1"></rect>`)}
    </svg>
  `;
}

define("lines-page", LinesPage, ["api", "account", "feed", "route", "token"]);
