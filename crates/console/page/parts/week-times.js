// The windows of a week as exact times, day after day. It shows `windows` with their `faults`, and tells `paint` with the changed ones.

import { t, weekday } from "../language.js";
import { copyDay, newWindow, remove, spanOf, tidyTime, timeText, DAY, WEEKDAYS } from "../week.js";
import { View, define, html, nothing, repeat, textOf } from "../view.js";
import { faultLine, invalid } from "./faults.js";
import { closeDialog, modal } from "./dialog.js";
import { icon } from "./icon.js";

class WeekTimes extends View {
  /** The day that is being copied. */
  #copying = null;

  draw() {
    return html`
      <ul class="week-times">
        ${WEEKDAYS.map((week) => this.#day(week))}
      </ul>
      ${this.#copying === null ? nothing : this.#dialog(this.#copying)}
    `;
  }

  #day(week) {
    const day = weekday(week);
    const windows = this.windows.filter((window) => window.week === week);
    return html`
      <li data-focus=".row-tools button">
        <h3>${day}</h3>
        ${windows.length === 0 ? html`<span class="quiet">${t("noWindow")}</span>` : nothing}
        ${timeRows(windows, day, this.faults, (changed) => this.#put(week, changed))}
        <span class="row-tools">
          <button type="button" class="button little" @click=${() => this.#add(week)} aria-label=${t("addWindowTo", { day })}>
            ${icon("plus")}${t("addWindow")}
          </button>
          <button type="button" class="button little" @click=${() => this.#copy(week)} aria-label=${`${t("copyDay")} ${day}`}>
            ${icon("copy")}${t("copyDay")}
          </button>
        </span>
      </li>
    `;
  }

  /** Puts the changed windows of a day in the place of those it had; a window keeps its place in the whole. */
  #put(week, changed) {
    const byKey = new Map(changed.map((window) => [window.key, window]));
    this.tell(
      "paint",
      this.windows.flatMap((window) => {
        if (window.week !== week) return [window];
        return byKey.has(window.key) ? [byKey.get(window.key)] : [];
      }),
    );
  }

  #add(week) {
    this.tell("paint", [...this.windows, nextWindow(this.windows, week)]);
  }

  #copy(week) {
    this.#copying = week;
    this.update();
  }

  #dialog(from) {
    const copied = (weeks) => this.tell("paint", copyDay(this.windows, from, weeks));
    const closed = () => {
      this.#copying = null;
      this.update();
    };
    return copyDialog(from, copied, closed);
  }
}

/** Asks to which days the windows of one are to be copied: `copied` is called with them, `closed` in any case. */
export function copyDialog(from, copied, closed) {
  const choose = (event) => {
    event.preventDefault();
    const weeks = [...new FormData(event.target).keys()].map(Number);
    closeDialog(event);
    if (weeks.length > 0) copied(weeks);
  };
  return html`
    <dialog ${modal()} aria-labelledby="copy-title" @close=${closed}>
      <form @submit=${choose}>
        <h2 id="copy-title">${t("copyDayFrom", { day: weekday(from) })}</h2>
        <p>${t("copyDayMeans")}</p>
        ${WEEKDAYS.filter((week) => week !== from).map(
          (week) => html`
            <label class="check">
              <input type="checkbox" class="tick" name=${week} .checked=${isWorkday(from) && isWorkday(week)} /> ${weekday(week)}
            </label>
          `,
        )}
        <p class="actions">
          <button type="button" class="button" @click=${closeDialog}>${t("cancel")}</button>
          <button type="submit" class="button primary">${t("copy")}</button>
        </p>
      </form>
    </dialog>
  `;
}

function isWorkday(week) {
  return week >= 1 && week <= 5;
}

/** Rows of begin and end for windows of one day; `put` is called with the changed windows. */
export function timeRows(windows, day, faults, put) {
  return repeat(
    windows,
    ({ key }) => key,
    (window, index) => html`
      <span class="times">
        ${timeField(window, "begin_time", t("beginOf", { day, number: index + 1 }), faults, windows, put)}
        <span aria-hidden="true">–</span>
        ${timeField(window, "end_time", t("endOf", { day, number: index + 1 }), faults, windows, put)}
        ${overMidnight(window) ? html`<span class="quiet">${t("nextDay")}</span>` : nothing}
        <button
          type="button"
          class="button plain little square"
          aria-label=${t("removeWindow", { day, begin_time: window.begin_time, end_time: window.end_time })}
          @click=${() => put(remove(windows, window.key))}
        >
          ${icon("cross")}
        </button>
        ${faultLine(faults, window.key, "begin_time")} ${faultLine(faults, window.key, "end_time")}
      </span>
    `,
  );
}

function overMidnight(window) {
  const span = spanOf(window);
  return span !== null && span.end > (window.week + 1) * DAY;
}

/** The field of an edge of a window; `put` is called with the changed windows. */
export function timeField(window, edge, label, faults, windows, put) {
  const change = (event) => {
    event.target.value = tidyTime(event.target.value);
    put(windows.map((each) => (each === window ? { ...each, [edge]: event.target.value } : each)));
  };
  return html`
    <input
      type="text"
      class="field time"
      inputmode="numeric"
      maxlength="10"
      autocomplete="off"
      placeholder="HH:MM"
      aria-label=${label}
      ${textOf(window[edge])}
      ${invalid(faults, window.key, edge)}
      @change=${change}
    />
  `;
}

/** A window after the last of the day, for the person to set right: the afternoon after a morning. */
export function nextWindow(windows, week) {
  const ends = windows.filter((window) => window.week === week).map((window) => spanOf(window)?.end ?? 0);
  const last = Math.max(8 * 60, ...ends.map((end) => end - week * DAY));
  const begin = Math.min(last + 60, DAY - 120);
  return newWindow(week, timeText(begin), timeText(begin + 120));
}

define("week-times", WeekTimes, ["windows", "faults"]);
