// The exact times of one window of the week editor, beside it. It shows the window of the key `chosen` among `windows`, with their `faults`
// and those of `before`; it tells `change-windows` with the changed ones, and `closed`.

import { hoursText } from "../clock.js";
import { copyDay, remove, spanOf, DAY, WEEKDAYS } from "../week.js";
import { copyDialog, timeField } from "./week-times.js";
import { faultLine } from "./faults.js";
import { icon } from "./icon.js";
import { t, weekday } from "../language.js";
import { View, define, html, nothing, place } from "../view.js";

class WindowPopover extends View {
  #copying = false;

  get #window() {
    return this.windows.find(({ key }) => key === this.chosen);
  }

  /** What the window was before it was edited; undefined if it is new. */
  get #was() {
    return this.before?.find(({ key }) => key === this.chosen);
  }

  draw() {
    const window = this.#window;
    if (!window) return nothing;
    const span = spanOf(window) ?? { begin: window.week * DAY, end: window.week * DAY };
    const [from, day] = [span.begin - window.week * DAY, weekday(window.week)];
    const [row, at] = [WEEKDAYS.indexOf(window.week), Math.min(DAY, from + (span.end - span.begin) / 2)];
    return html`
      <div
        class="popover ${at > DAY / 2 ? "to-left" : ""} ${row > 2 ? "above" : ""}"
        role="dialog"
        aria-label=${t("windowsOf", { day })}
        ${place({ "--row": row, "--at": at })}
        @keydown=${this.#key}
      >
        <div class="row">
          <b class="strong">${day}</b> ${this.#isChanged() ? html`<span class="tag accent">${t("changed")}</span>` : nothing}
          <button type="button" class="button plain little square push" aria-label=${t("close")} @click=${() => this.tell("closed")}>${icon("cross")}</button>
        </div>
        ${this.#fields(window, day, span)}
        <p class="small quiet">${this.#isChanged() ? t("wasWindow", this.#was) + t("nextSentence") : nothing}${t("overMidnightMeans")}</p>
        ${this.#tools(window)}
      </div>
      ${this.#copying ? this.#copyDialog(window) : nothing}
    `;
  }

  #fields(window, day, span) {
    const put = (windows) => this.tell("change-windows", windows);
    return html`
      <div class="row">
        ${timeField(window, "begin_time", t("beginHere", { day }), this.faults, this.windows, put)}
        <span aria-hidden="true">–</span>
        ${timeField(window, "end_time", t("endHere", { day }), this.faults, this.windows, put)}
        <span class="quiet">${t("hours", { hours: hoursText(span.end - span.begin) })}</span>
      </div>
      ${faultLine(this.faults, window.key, "begin_time")} ${faultLine(this.faults, window.key, "end_time")}
    `;
  }

  #tools(window) {
    const copy = () => {
      this.#copying = true;
      this.update();
    };
    const putBack = () => this.tell("change-windows", this.windows.map((each) => (each === window ? this.#was : each)));
    return html`
      <div class="row">
        <button type="button" class="button little" @click=${copy}>${icon("copy")}${t("copyDay")}</button>
        ${this.#isChanged() ? html`<button type="button" class="button little" @click=${putBack}>${t("putBack")}</button>` : nothing}
        <button type="button" class="button little danger push" @click=${() => this.#remove(window)}>${icon("trash")}${t("delete")}</button>
      </div>
    `;
  }

  #isChanged() {
    const [was, now] = [this.#was, this.#window];
    return was !== undefined && ["week", "begin_time", "end_time"].some((field) => was[field] !== now[field]);
  }

  #copyDialog(window) {
    const copied = (weeks) => this.tell("change-windows", copyDay(this.windows, window.week, weeks));
    const closed = () => {
      this.#copying = false;
      this.update();
    };
    return copyDialog(window.week, copied, closed);
  }

  #remove(window) {
    this.tell("closed");
    this.tell("change-windows", remove(this.windows, window.key));
  }

  #key = (event) => {
    if (event.key !== "Escape" || event.target.closest("dialog")) return;
    event.preventDefault();
    this.tell("closed");
  };
}

define("window-popover", WindowPopover, ["windows", "before", "chosen", "faults"]);
