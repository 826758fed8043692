// A week as a picture to paint windows on, with the mouse, a finger or the keyboard: a line a day, from 00:00 to 24:00. It shows `windows`
// beside those of `before`, with the `tool` to draw or erase (`read`: neither) and the moment `now` of its zone, and tells `paint` with the
// changed ones.

import { hoursText, wallClock, weekOf } from "../clock.js";
import { hourAxis } from "./day-line.js";
import { shortWeekday, t, weekday } from "../language.js";
import { DAY, WEEK, WEEKDAYS, difference, erase, move, paint, piecesOf, remove, resize, spanOf, timeText, union } from "../week.js";
import { View, define, html, nothing, place, repeat } from "../view.js";
import "./window-popover.js";

/** The brush is so many minutes wide. */
const STEP = 15;

/** How near to an edge of a window one must take hold to move the edge, in pixels; more for a finger. */
const EDGE = { mouse: 6, pen: 10, touch: 14 };

/** For how many milliseconds a finger rests before it paints: one that moves on sooner turns the page, as everywhere. */
const HOLD = 250;

/** By how many pixels a resting finger may tremble. */
const TREMBLE = 8;

class WeekGrid extends View {
  /** A finger that may yet turn the page: where it was put, and the timer after which it paints. */
  #finger = null;
  /** What the pointer is doing: draws, erases, moves or resizes. */
  #gesture = null;
  #cursor = { row: 0, minutes: 9 * 60 };
  /** Where a selection by keyboard began. */
  #anchor = null;
  /** The key of the window whose exact times are asked for. */
  #chosen = null;
  #said = "";

  draw() {
    const windows = this.#gesture ? this.#carriedOut(this.#gesture) : this.windows;
    const changes = this.before ? difference(this.before, windows) : { added: [], removed: [] };
    return html`
      <div class="week-frame">
        <div
          class="week"
          role=${this.#isFixed ? "group" : "application"}
          tabindex=${this.#isFixed ? nothing : "0"}
          aria-label=${t("weekGrid")}
          aria-roledescription=${this.#isFixed ? nothing : t("weekGridRole")}
          aria-describedby=${this.#isFixed ? nothing : "grid-help"}
          data-tool=${this.tool}
          @keydown=${this.#keyOnGrid}
          @pointerdown=${this.#press}
          @pointermove=${this.#drag}
          @pointerup=${this.#release}
          @pointercancel=${this.#cancel}
          @touchmove=${this.#keepPage}
          @contextmenu=${this.#keepPage}
        >
          ${hourAxis(this.now)} <span class="total-head">${t("total")}</span> ${this.#names()}
          <div class="days">
            ${repeat(
              windows.flatMap((window) => piecesOf(window).map((piece) => ({ window, piece }))),
              ({ window, piece }) => `${window.key} ${piece.first}`,
              ({ window, piece }) => this.#piece(window, piece),
            )}
            ${changes.removed.map((piece) => html`<div class="win gone" aria-hidden="true" ${placeOf(piece)}></div>`)} ${this.#mark()} ${this.#nowMark()}
          </div>
          ${this.#totals(windows)}
        </div>
        ${this.#popover()}
      </div>
      <p class="visually-hidden" role="status">${this.#said}</p>
    `;
  }

  /** Whether it only shows. */
  get #isFixed() {
    return this.tool === "read";
  }

  #names() {
    const today = this.now && weekOf(this.now.slice(0, 10));
    return WEEKDAYS.map(
      (week, row) => html`<div class="day-name ${week === today ? "today" : ""}" ${place({ "--row": row })}>${shortWeekday(week)}${week === today ? html`<span class="wide-only"> ${t("sameDay")}</span>` : nothing}</div>`,
    );
  }

  /** How many hours of each day are open, and how many were. */
  #totals(windows) {
    const [now, before] = [minutesByDay(windows), minutesByDay(this.before ?? windows)];
    return WEEKDAYS.map((week, row) => {
      const was = before.get(week) === now.get(week) ? nothing : html` <s class="faint">${hoursText(before.get(week))}</s>`;
      const text = now.get(week) === 0 ? t("noCalls") : t("hours", { hours: hoursText(now.get(week)) });
      return html`<div class="day-total" ${place({ "--row": row })}>${text}${was}</div>`;
    });
  }

  #nowMark() {
    if (!this.now) return nothing;
    const row = WEEKDAYS.indexOf(weekOf(this.now.slice(0, 10)));
    return html`<div class="now" ${place({ "--row": row, "--at": wallClock(this.now).minutes })}></div>`;
  }

  #piece(window, piece) {
    if (!piece.first) {
      const text = t("untilMoment", { at: window.end_time });
      return html`<div class="win piece tail from-yesterday" aria-hidden="true" data-key=${window.key} ${placeOf(piece)}><span>${text}</span></div>`;
    }
    const kinds = [piece.last ? "" : "over-midnight to-tomorrow", this.#isNew(window) ? "new" : "", window.key === this.#chosen ? "chosen" : ""];
    return html`
      <div
        class="win piece ${kinds.join(" ")}"
        role=${this.#isFixed ? "img" : "button"}
        tabindex=${this.#isFixed ? nothing : "0"}
        data-key=${window.key}
        aria-label=${windowText(window)}
        ${placeOf(piece)}
        @keydown=${(event) => this.#keyOnWindow(event, window)}
      >
        <span>${window.begin_time}–${window.end_time}</span>
      </div>
    `;
  }

  /** Whether nothing of a window was open before. */
  #isNew(window) {
    if (!this.before) return false;
    const old = union(this.before);
    return !piecesOf(window).some((piece) => old.some((other) => other.week === piece.week && other.from < piece.to && piece.from < other.to));
  }

  /** What is about to be erased, or where the keyboard is. */
  #mark() {
    if (this.#isFixed) return nothing;
    const gesture = this.#gesture;
    const rectangle = gesture && "anchor" in gesture ? rectangleOf(gesture) : this.#selection();
    const kind = gesture ? gesture.kind : "cursor";
    if (!rectangle || kind === "draw" || kind === "move" || kind === "resize") return nothing;
    const { weeks, from, to } = rectangle;
    return weeks.map((week) => html`<div class="mark ${kind}" ${placeOf({ week, from, to })}></div>`);
  }

  /** What the keyboard has selected: from where it began to where the cursor is, or else the one cell at the cursor. */
  #selection() {
    const anchor = this.#anchor ?? this.#cursor;
    const rectangle = rectangleOf({ anchor, point: this.#cursor });
    const to = Math.max(anchor.minutes, this.#cursor.minutes);
    return anchor.minutes === this.#cursor.minutes ? rectangle : { ...rectangle, to };
  }

  // The exact times of a window.

  #popover() {
    const window = this.windows.find(({ key }) => key === this.#chosen);
    if (!window) return nothing;
    const put = (event) => this.tell("paint", event.detail);
    const closed = () => this.#choose(null);
    return repeat(
      [window.key],
      (key) => key,
      () => html`
        <window-popover .windows=${this.windows} .before=${this.before} .chosen=${window.key} .faults=${this.faults} @change-windows=${put} @closed=${closed}></window-popover>
      `,
    );
  }

  /** Shows the exact times of a window, or of none; then the focus goes back to the window. */
  #choose(key) {
    const before = this.#chosen;
    const within = this.querySelector("window-popover")?.contains(document.activeElement);
    this.#chosen = key;
    this.drawNow();
    const popover = this.querySelector("window-popover");
    popover?.drawNow();
    if (key !== null) popover.querySelector("input").focus({ preventScroll: true });
    else if (within) (this.querySelector(`[data-key="${before}"][tabindex]`) ?? this.querySelector(".week")).focus({ preventScroll: true });
  }

  // The pointer.

  #press(event) {
    if (this.#isFixed || event.button !== 0 || !this.#pointAt(event)) return;
    if (event.pointerType === "touch") {
      this.#finger = { event, timer: setTimeout(() => this.#settleFinger(), HOLD) };
    } else {
      // Else a press would select text, and a click on a window would not give it the focus that its keys need.
      event.preventDefault();
      this.#begin(event);
    }
  }

  #begin(event) {
    this.#gesture = this.#gestureAt(event, this.#pointAt(event));
    this.#anchor = null;
    this.#chosen = null;
    const grid = this.querySelector(".week");
    (event.target.closest("[data-key][tabindex]") ?? grid).focus({ preventScroll: true });
    grid.setPointerCapture(event.pointerId);
    this.update();
  }

  /** The finger rests, or was lifted where it was put: it means what lies under it. */
  #settleFinger() {
    const { event } = this.#finger;
    this.#dropFinger();
    navigator.vibrate?.(10);
    this.#begin(event);
  }

  #dropFinger() {
    clearTimeout(this.#finger?.timer);
    this.#finger = null;
  }

  /** While something is painted, the page must not move along, nor a menu open. */
  #keepPage = {
    handleEvent: (event) => this.#gesture && event.preventDefault(),
    passive: false,
  };

  #gestureAt(event, point) {
    const piece = event.target.closest("[data-key]");
    if (this.tool === "erase" || !piece) return { kind: this.tool, anchor: cellOf(point), point: cellOf(point) };
    const key = Number(piece.dataset.key);
    const window = this.windows.find((each) => each.key === key);
    const edge = edgeAt(event, piece, window);
    return edge ? { kind: "resize", key, edge, by: 0 } : { kind: "move", key, start: point, by: 0 };
  }

  #drag(event) {
    const put = this.#finger?.event;
    if (put && Math.hypot(event.clientX - put.clientX, event.clientY - put.clientY) > TREMBLE) this.#dropFinger();
    const gesture = this.#gesture;
    if (!gesture) return;
    const point = this.#pointAt(event, true);
    if (gesture.kind === "move") {
      const minutes = Math.round((point.minutes - gesture.start.minutes) / STEP) * STEP;
      gesture.by = (point.row - gesture.start.row) * DAY + minutes;
    } else if (gesture.kind === "resize") {
      gesture.by = this.#wayTo(gesture, point);
    } else {
      gesture.point = cellOf(point);
    }
    this.update();
  }

  /** How far it is from the edge to the pointer, the short way round the week. */
  #wayTo({ key, edge }, point) {
    const span = spanOf(this.windows.find((window) => window.key === key));
    const to = WEEKDAYS[point.row] * DAY + Math.round(point.minutes / STEP) * STEP;
    const way = to - span[edge];
    return way - WEEK * Math.round(way / WEEK);
  }

  #release() {
    if (this.#finger) this.#settleFinger();
    const gesture = this.#gesture;
    if (!gesture) return;
    const windows = this.#carriedOut(gesture);
    this.#gesture = null;
    this.#tellIfChanged(windows);
    this.update();
    // A press that moves nothing asks for the exact times.
    if ("key" in gesture && gesture.by === 0) this.#choose(gesture.key);
  }

  #cancel() {
    this.#dropFinger();
    this.#gesture = null;
    this.update();
  }

  #carriedOut(gesture) {
    switch (gesture.kind) {
      case "move":
        return move(this.windows, gesture.key, gesture.by);
      case "resize":
        return resize(this.windows, gesture.key, gesture.edge, gesture.by, STEP);
      default: {
        const { weeks, from, to } = rectangleOf(gesture);
        return (gesture.kind === "draw" ? paint : erase)(this.windows, weeks, from, to);
      }
    }
  }

  /** The row and the minutes under the pointer; null beside the days unless the nearest will do. */
  #pointAt(event, nearest = false) {
    const days = this.querySelector(".days").getBoundingClientRect();
    const row = Math.floor(((event.clientY - days.top) / days.height) * 7);
    const minutes = ((event.clientX - days.left) / days.width) * DAY;
    const inside = row >= 0 && row < 7 && minutes >= 0 && minutes < DAY;
    if (!inside && !nearest) return null;
    return { row: clamp(row, 0, 6), minutes: clamp(minutes, 0, DAY) };
  }

  // The keyboard.

  #keyOnGrid(event) {
    if (this.#isFixed || event.target !== event.currentTarget) return;
    const { rows, minutes } = stepOf(event);
    if (rows || minutes) {
      this.#walk(rows, minutes, event.shiftKey);
    } else if (event.key === "Home" || event.key === "End") {
      this.#walk(0, event.key === "Home" ? -DAY : DAY, event.shiftKey);
    } else if (event.key === "Enter" || event.key === " ") {
      this.#paintSelection(paint);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.#paintSelection(erase);
    } else if (event.key === "Escape" && (this.#anchor || this.#gesture)) {
      this.#anchor = null;
      this.#cancel();
    } else {
      return;
    }
    event.preventDefault();
  }

  #walk(rows, minutes, selecting) {
    this.#anchor = selecting ? (this.#anchor ?? this.#cursor) : null;
    this.#cursor = {
      row: clamp(this.#cursor.row + rows, 0, 6),
      minutes: clamp(this.#cursor.minutes + minutes, 0, selecting ? DAY : DAY - STEP),
    };
    this.#say(this.#selectionText());
  }

  #selectionText() {
    const { weeks, from, to } = this.#selection();
    const days = weeks.length === 1 ? weekday(weeks[0]) : t("fromTo", { from: weekday(weeks[0]), to: weekday(weeks.at(-1)) });
    const open = union(this.windows).some((piece) => weeks.includes(piece.week) && piece.from < to && from < piece.to);
    return `${days} ${timeText(from)}–${timeText(to)}${t("pause")}${t(open ? "open" : "shut")}`;
  }

  #paintSelection(change) {
    const { weeks, from, to } = this.#selection();
    this.#anchor = null;
    this.#tellIfChanged(change(this.windows, weeks, from, to));
    this.update();
  }

  #keyOnWindow(event, window) {
    if (this.#isFixed) return;
    const { rows, minutes } = stepOf(event);
    if (event.key === "Delete" || event.key === "Backspace") {
      this.querySelector(".week").focus();
      this.#tellIfChanged(remove(this.windows, window.key));
    } else if (event.key === "Enter" || event.key === " ") {
      this.#choose(window.key);
    } else if (event.key === "Escape" && this.#gesture) {
      this.#cancel();
    } else if (event.shiftKey && minutes) {
      this.#tellIfChanged(resize(this.windows, window.key, "end", minutes, STEP));
    } else if (event.altKey && minutes) {
      this.#tellIfChanged(resize(this.windows, window.key, "begin", minutes, STEP));
    } else if (rows || minutes) {
      this.#tellIfChanged(move(this.windows, window.key, rows * DAY + minutes));
    } else {
      return;
    }
    event.preventDefault();
  }

  // What comes of it.

  #tellIfChanged(windows) {
    if (JSON.stringify(windows) === JSON.stringify(this.windows)) return;
    const changed = windows.filter((window) => !this.windows.includes(window));
    this.#say(changed.map(windowText).join(t("comma")) || t("windowRemoved"));
    this.tell("paint", windows);
  }

  #say(text) {
    this.#said = text;
    this.update();
  }
}

function placeOf({ week, from, to }) {
  return place({ "--row": WEEKDAYS.indexOf(week), "--from": from, "--to": to });
}

/** How many minutes of each day are open. */
function minutesByDay(windows) {
  const minutes = new Map(WEEKDAYS.map((week) => [week, 0]));
  for (const { week, from, to } of union(windows)) minutes.set(week, minutes.get(week) + to - from);
  return minutes;
}

/** `周一 22:00–06:00（次日）`. */
function windowText(window) {
  const { week, begin_time, end_time } = window;
  const overnight = piecesOf(window).length > 1;
  return t(overnight ? "windowOverMidnight" : "window", { day: weekday(week), begin_time, end_time });
}

/** The cell of the grid that holds a point. */
function cellOf({ row, minutes }) {
  return { row, minutes: Math.min(Math.floor(minutes / STEP) * STEP, DAY - STEP) };
}

/** The weekdays and minutes of two cells and all between them. */
function rectangleOf({ anchor, point }) {
  const [first, last] = [Math.min(anchor.row, point.row), Math.max(anchor.row, point.row)];
  return {
    weeks: WEEKDAYS.slice(first, last + 1),
    from: Math.min(anchor.minutes, point.minutes),
    to: Math.max(anchor.minutes, point.minutes) + STEP,
  };
}

/** Which edge of a window the pointer is at. A piece shows the begin at its left if it is the first, the end at its right if the last. */
function edgeAt(event, piece, window) {
  const { left, right, width } = piece.getBoundingClientRect();
  // A short piece must leave room to take hold of it as a whole.
  const near = Math.min(EDGE[event.pointerType] ?? EDGE.mouse, width / 3);
  const tail = piece.classList.contains("tail");
  const overMidnight = piecesOf(window).length > 1;
  if (!tail && event.clientX - left < near) return "begin";
  if ((tail || !overMidnight) && right - event.clientX < near) return "end";
  return null;
}

/** How far a key goes: days up and down, minutes to the side. */
function stepOf(event) {
  const steps = {
    ArrowUp: { rows: -1, minutes: 0 },
    ArrowDown: { rows: 1, minutes: 0 },
    ArrowLeft: { rows: 0, minutes: -STEP },
    ArrowRight: { rows: 0, minutes: STEP },
    PageUp: { rows: 0, minutes: -60 },
    PageDown: { rows: 0, minutes: 60 },
  };
  return steps[event.key] ?? { rows: 0, minutes: 0 };
}

function clamp(number, least, most) {
  return Math.min(Math.max(number, least), most);
}

define("week-grid", WeekGrid, ["windows", "before", "faults", "tool", "now"]);
