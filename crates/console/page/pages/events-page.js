// What happens to the account's groups and tasks, the newest first, as it happens.

import { define, html, nothing, repeat, settled } from "../view.js";
import { empty, loading } from "../parts/blank.js";
import { eventAbout } from "../parts/event-about.js";
import { icon } from "../parts/icon.js";
import { CalendarNames, Names } from "../names.js";
import { Page } from "./page.js";
import { offsetText, secondText } from "../clock.js";
import { t, word } from "../language.js";

/** How many are read at once, and how many are shown at the most: a hundred thousand tasks may open in one second. */
const READ = 50;
const SHOWN = 300;

/** The icon of what an event is about, and how it reads. */
const SIGNS = { task: "task", group: "group", holidays: "today", dialing: "stop", closure: "pause", ceiling: "group", import: "file", recording: "record", numbers: "number", call: "record", line: "line", bot: "record", number: "number", webhook: "hook" };
const KINDS = { "task.running": "open", "group.opened": "open", "task.waiting": "wait", "holidays.near_horizon": "wait", "holidays.feed_failing": "bad", "closure.planned": "wait", "dialing.stopped": "bad", "dialing.resumed": "open", "line.down": "bad", "line.up": "open", "bot.down": "bad", "bot.up": "open", "number.blocked": "wait" };

class EventsPage extends Page {
  /** The newest first. @type {AccountEvent[]} */
  #events = [];
  #loaded = false;
  /** Events that came and are not drawn yet. @type {AccountEvent[]} */
  #arrived = [];
  /** The id of the oldest that the server keeps, as far as is known. */
  #oldestKept = 1;
  #groupNames = new Names((id) => this.api.group(id, this), () => this.update());
  #taskNames = new Names((id) => this.api.task(id, this), () => this.update());
  #calendarNames = new CalendarNames();
  /** Whether the calendars were asked for: only once an event is about one. */
  #calendarsAsked = false;
  #called = { group: (id) => this.#groupNames.get(id), task: (id) => this.#taskNames.get(id), calendar: (id) => this.#calendarNames.of(id) };
  #drawArrived = settled(200, () => this.#take());
  /** Not for each of a flood, which has gone by before its names come. */
  #nameSoon = settled(1000, () => this.#name());

  start() {
    this.#loadNewest();
    this.followFeed((event) => {
      if (!event) return this.#loadNewest();
      this.#arrived.push(event);
      if (this.#arrived.length > SHOWN) this.#arrived.shift();
      this.#drawArrived();
    });
  }

  async #loadNewest() {
    await this.attempt(async () => {
      const { data: first } = await this.api.events({ limit: 1 }, this);
      const { data } = await this.api.events({ after: Math.max(0, first.newest - READ), limit: READ }, this);
      this.#loaded = true;
      this.#put(data.events);
      this.#name();
    });
  }

  async #loadOlder() {
    await this.attempt(async () => {
      const oldest = this.#events.at(-1).id;
      const after = Math.max(0, oldest - 1 - READ);
      const { data } = await this.api.events({ after, limit: READ }, this);
      this.#put(data.events);
      if (this.#events.at(-1).id === oldest) this.#oldestKept = oldest;
      this.#name();
    });
  }

  #take() {
    if (!this.isConnected) return;
    const fresh = this.#arrived;
    this.#arrived = [];
    fresh.filter(({ type }) => type === "group.updated").forEach(({ group_id: id }) => this.#groupNames.forget(id));
    fresh.filter(({ type }) => type === "task.updated").forEach(({ task_id: id }) => this.#taskNames.forget(id));
    this.#put(fresh);
    this.#nameSoon();
  }

  /** Puts events among those that are shown, each once, wherever they come from. What a gap parts from the newest can be read again. */
  #put(events) {
    const all = new Map([...this.#events, ...events].map((event) => [event.id, event]));
    const sorted = [...all.values()].sort((one, other) => other.id - one.id);
    const gap = sorted.findIndex(({ id }, index) => index > 0 && sorted[index - 1].id - id > 1);
    this.#events = sorted.slice(0, gap < 0 ? SHOWN : Math.min(gap, SHOWN));
    this.update();
  }

  #name() {
    if (!this.isConnected) return;
    this.#groupNames.want(this.#events.map(({ group_id: id }) => id));
    this.#taskNames.want(this.#events.filter(({ detail }) => !detail?.name).map(({ task_id: id }) => id));
    this.#nameCalendars();
  }

  async #nameCalendars() {
    if (this.#calendarsAsked || !this.#events.some(({ type }) => type.startsWith("holidays."))) return;
    this.#calendarsAsked = true;
    await this.attempt(async () => {
      this.#calendarNames.learn((await this.api.calendars({}, this)).data);
      this.update();
    });
  }

  draw() {
    return html`
      <main id="main" tabindex="-1">
        <div class="head"><h1>${t("events")}</h1></div>
        <div class="panel">${this.#loaded ? this.#list() : loading()}</div>
      </main>
    `;
  }

  #list() {
    if (this.#events.length === 0) return empty("event", t("noEvent"));
    const more = this.#events.at(-1).id > this.#oldestKept && this.#events.length < SHOWN;
    return html`
      <div class="scroll" tabindex="0" role="region" aria-label=${t("events")}>
        <table class="table dense happened">
          <thead>
            <tr>
              <th scope="col" class="num">${t("number")}</th>
              <th scope="col">${t("time")}</th>
              <th scope="col">${t("event")}</th>
              <th scope="col" class="grow">${t("about")}</th>
              <th scope="col">${t("cause")}</th>
            </tr>
          </thead>
          <tbody>
            ${repeat(
              this.#events,
              ({ id }) => id,
              (event) => this.#row(event),
            )}
          </tbody>
        </table>
      </div>
      ${more ? html`<footer><button type="button" class="button little older" @click=${() => this.#loadOlder()}>${t("older")}</button></footer>` : nothing}
    `;
  }

  /** @param {AccountEvent} event */
  #row(event) {
    const at = event.due_at;
    const late = event.late ? t("late", { at: `${event.written_at.slice(11, 19)} ${offsetText(event.written_at)}` }) : null;
    return html`
      <tr data-event=${event.id}>
        <td class="num faint">#${event.id}</td>
        <td class="quiet"><time datetime=${at}>${secondText(at)} ${offsetText(at)}</time></td>
        <td><span class="chip ${KINDS[event.type] ?? ""}">${icon(SIGNS[event.type.split(".")[0]] ?? "info")}${word("event", event.type)}</span></td>
        <td class="grow wrap"><span class="row wrap about">${eventAbout(event, this.account, this.#called)}</span></td>
        <td><span class="tag">${causeText(event)}</span> ${late ? html`<span class="tag wait late">${late}</span>` : nothing}</td>
      </tr>
    `;
  }
}

/** Why; what opens because dialing was resumed has the cause of what closed when it was stopped. @param {AccountEvent} event */
function causeText({ cause, type }) {
  const opens = ["dialing.resumed", "group.opened", "task.running"].includes(type);
  return cause === "stopped" && opens ? t("causeResumed") : word("cause", cause);
}

define("events-page", EventsPage, ["api", "account", "feed", "route"]);
