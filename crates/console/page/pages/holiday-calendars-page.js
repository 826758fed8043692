// Holiday calendars: those that the account may follow, and a new one made of a file.

import { address, go } from "../route.js";
import { define, html, nothing } from "../view.js";
import { empty, loading } from "../parts/blank.js";
import { feedChip, ownerText } from "../parts/holidays.js";
import { icon } from "../parts/icon.js";
import { Page } from "./page.js";
import { say } from "../parts/notice.js";
import { serverNow } from "../clock.js";
import { t } from "../language.js";
import "../parts/holiday-file.js";

class HolidayCalendarsPage extends Page {
  /** @type {HolidayCalendar[]} */
  #all = null;
  #making = false;

  start() {
    this.#load();
    this.followFeed((event) => (!event || event.type.startsWith("holidays.")) && this.#load());
  }

  async #load() {
    await this.attempt(async () => {
      this.#all = (await this.api.calendars({ year: new Date(serverNow()).getFullYear() }, this)).data;
      this.update();
    });
  }

  draw() {
    const make = () => {
      this.#making = !this.#making;
      this.update();
    };
    return html`
      <main id="main" tabindex="-1">
        <div class="head">
          <h1>${t("calendars")}</h1>
          <div class="tools">
            ${this.mayChange
              ? html`<button type="button" class="button ${this.#making ? "" : "primary"}" aria-expanded=${this.#making} @click=${make}>${this.#making ? t("cancel") : html`${icon("plus")}${t("newCalendar")}`}</button>`
              : nothing}
          </div>
        </div>
        <p class="small quiet">${t("calendarsMean")}</p>
        ${this.#making ? html`<holiday-file .api=${this.api} .calendar=${null} @stored=${this.#made}></holiday-file>` : nothing}
        <div class="panel">${this.#all === null ? loading() : this.#list()}</div>
      </main>
    `;
  }

  /** @param {CustomEvent} event */
  #made = ({ detail }) => {
    say(t("holidaysStored", { count: detail.changes_total }));
    go(address(this.account, "calendars", detail.id));
  };

  #list() {
    if (this.#all.length === 0) return empty("today", t("noDays"));
    return html`
      <div class="scroll" tabindex="0" role="region" aria-label=${t("calendars")}>
        <table class="table">
          <thead>
            <tr>
              <th scope="col" class="grow">${t("name")}</th>
              <th scope="col">${t("ownedBy")}</th>
              <th scope="col">${t("knownUntil")}</th>
              <th scope="col" class="w2">${t("followAddress")}</th>
            </tr>
          </thead>
          <tbody>
            ${this.#all.map((calendar) => this.#row(calendar))}
          </tbody>
        </table>
      </div>
    `;
  }

  /** @param {HolidayCalendar} calendar */
  #row(calendar) {
    const { id, name, known_until: until, near_horizon: near, feed } = calendar;
    return html`
      <tr data-calendar=${id}>
        <td class="grow"><a class="cut strong name" href=${address(this.account, "calendars", id)}>${name ?? id}</a></td>
        <td>${ownerText(calendar, this.account)}</td>
        <td>${near ? html`<span class="chip wait">${icon("wait")}${until}</span>` : until}</td>
        <td class="w2">${feed ? feedChip(feed) : "–"}</td>
      </tr>
    `;
  }
}

define("holiday-calendars-page", HolidayCalendarsPage, ["api", "account", "feed", "route", "token"]);
