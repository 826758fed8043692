// A week as a picture to paint windows on, with the mouse, a finger or the keyboard. It shows `windows` and tells `paint` with the
// changed ones.

import { shortWeekday, t, weekday } from "../language.js";
import { DAY, WEEK, WEEKDAYS, erase, move, paint, piecesOf, remove, resize, spanOf, timeText, union } from "../week.js";
import { View, define, html, nothing, place, repeat } from "../view.js";

/** The brush is so many minutes wide. */
const STEP = 15;

/** How near to an edge of a window one must take hold to move the edge, in pixels; more for a finger. */
const EDGE = { mouse: 6, pen: 10, touch: 14 };

/** For how many milliseconds a finger rests before it paints: one that moves on sooner turns the page, as everywhere. */
const HOLD = 250;

/** By how many pixels a resting finger may tremble. */
const TREMBLE = 8;

class WeekGrid extends View {
  #tool = "draw";
  /** A finger that may yet turn the page: where it was put, and the timer after which it paints. */
  #finger = null;
  /** What the pointer is doing: draws, erases, moves or resizes. */
  #gesture = null;
  #cursor = { column: 0, minutes: 9 * 60 };
  /** Where a selection by keyboard began. */
  #anchor = null;
  #said = "";

  draw() {
    const windows = this.#gesture ? this.#carriedOut(this.#gesture) : this.windows;
    return html`
      <div class="tools">
        <fieldset class="choice">
          <legend class="visually-hidden">${t("tool")}</legend>
          ${this.#toolChoice("draw")} ${this.#toolChoice("erase")}
        </fieldset>
        <details class="help">
          <summary>${t("gridHelpTitle")}</summary>
          <p id="grid-help">${t("gridHelp")}</p>
        </details>
      </div>
      <div
        class="week"
        role="application"
        tabindex="0"
        aria-label=${t("weekGrid")}
        aria-roledescription=${t("weekGridRole")}
        aria-describedby="grid-help"
        data-tool=${this.#tool}
        @keydown=${this.#keyOnGrid}
        @pointerdown=${this.#press}
        @pointermove=${this.#drag}
        @pointerup=${this.#release}
        @pointercancel=${this.#cancel}
        @touchmove=${this.#keepPage}
        @contextmenu=${this.#keepPage}
      >
        ${WEEKDAYS.map((week) => html`<div class="day-name">${shortWeekday(week)}</div>`)}
        <div class="hours" aria-hidden="true">
          ${[0, 3, 6, 9, 12, 15, 18, 21, 24].map((hour) => html`<span ${place({ "--at": hour * 60 })}>${timeText(hour * 60)}</span>`)}
        </div>
        <div class="days">
          ${WEEKDAYS.map((week, column) => html`<div class="day" data-week=${week} ${place({ "--column": column })}></div>`)}
          ${repeat(
            windows.flatMap((window) => piecesOf(window).map((piece) => ({ window, piece }))),
            ({ window, piece }) => `${window.key} ${piece.first}`,
            ({ window, piece }) => this.#piece(window, piece),
          )}
          ${this.#mark()}
        </div>
      </div>
      <p class="visually-hidden" role="status">${this.#said}</p>
    `;
  }

  #toolChoice(tool) {
    return html`
      <label>
        <input type="radio" name="tool" value=${tool} .checked=${this.#tool === tool} @change=${() => this.#take(tool)} />
        ${t(`tool.${tool}`)}
      </label>
    `;
  }

  #take(tool) {
    this.#tool = tool;
    this.update();
  }

  #piece(window, { week, from, to, first, last }) {
    const where = place({ "--column": WEEKDAYS.indexOf(week), "--from": from, "--to": to });
    const label = `${window.begin_time}–${window.end_time}`;
    if (!first) {
      return html`
        <div class="piece tail" aria-hidden="true" data-key=${window.key} ${where}><span>→ ${window.end_time}</span></div>
      `;
    }
    return html`
      <div
        class="piece ${last ? "" : "over-midnight"}"
        role="button"
        tabindex="0"
        data-key=${window.key}
        aria-label=${windowText(window)}
        ${where}
        @keydown=${(event) => this.#keyOnWindow(event, window)}
      >
        <span>${label}</span>
      </div>
    `;
  }

  /** What is about to be painted or erased, or where the keyboard is. */
  #mark() {
    const gesture = this.#gesture;
    const rectangle = gesture && "anchor" in gesture ? rectangleOf(gesture) : this.#selection();
    const kind = gesture ? gesture.kind : "cursor";
    if (!rectangle || kind === "draw" || kind === "move" || kind === "resize") return nothing;
    const { columns, from, to } = rectangle;
    return columns.map(
      (column) => html`<div class="mark ${kind}" ${place({ "--column": column, "--from": from, "--to": to })}></div>`,
    );
  }

  /** What the keyboard has selected: from where it began to where the cursor is, or else the one cell at the cursor. */
  #selection() {
    const anchor = this.#anchor ?? this.#cursor;
    const rectangle = rectangleOf({ anchor, point: this.#cursor });
    const to = Math.max(anchor.minutes, this.#cursor.minutes);
    return anchor.minutes === this.#cursor.minutes ? rectangle : { ...rectangle, to };
  }

  // The pointer.

  #press(event) {
    if (event.button !== 0 || !this.#pointAt(event)) return;
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
    if (this.#tool === "erase" || !piece) return { kind: this.#tool, anchor: cellOf(point), point: cellOf(point) };
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
      gesture.by = (point.column - gesture.start.column) * DAY + minutes;
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
    const to = WEEKDAYS[point.column] * DAY + Math.round(point.minutes / STEP) * STEP;
    const way = to - span[edge];
    return way - WEEK * Math.round(way / WEEK);
  }

  #release() {
    if (this.#finger) this.#settleFinger();
    if (!this.#gesture) return;
    const windows = this.#carriedOut(this.#gesture);
    this.#gesture = null;
    this.#tellIfChanged(windows);
    this.update();
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

  /** The column and the minutes under the pointer; null beside the days unless the nearest will do. */
  #pointAt(event, nearest = false) {
    const days = this.querySelector(".days").getBoundingClientRect();
    const column = Math.floor(((event.clientX - days.left) / days.width) * 7);
    const minutes = ((event.clientY - days.top) / days.height) * DAY;
    const inside = column >= 0 && column < 7 && minutes >= 0 && minutes < DAY;
    if (!inside && !nearest) return null;
    return { column: clamp(column, 0, 6), minutes: clamp(minutes, 0, DAY) };
  }

  // The keyboard.

  #keyOnGrid(event) {
    if (event.target !== event.currentTarget) return;
    const { columns, minutes } = stepOf(event);
    if (columns || minutes) {
      this.#walk(columns, minutes, event.shiftKey);
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

  #walk(columns, minutes, selecting) {
    this.#anchor = selecting ? (this.#anchor ?? this.#cursor) : null;
    this.#cursor = {
      column: clamp(this.#cursor.column + columns, 0, 6),
      minutes: clamp(this.#cursor.minutes + minutes, 0, selecting ? DAY : DAY - STEP),
    };
    this.#say(this.#selectionText());
  }

  #selectionText() {
    const { columns, weeks, from, to } = this.#selection();
    const days = columns.length === 1 ? weekday(weeks[0]) : t("fromTo", { from: weekday(weeks[0]), to: weekday(weeks.at(-1)) });
    const open = union(this.windows).some((piece) => weeks.includes(piece.week) && piece.from < to && from < piece.to);
    return `${days} ${timeText(from)}–${timeText(to)}${t("pause")}${t(open ? "open" : "closed")}`;
  }

  #paintSelection(change) {
    const { weeks, from, to } = this.#selection();
    this.#anchor = null;
    this.#tellIfChanged(change(this.windows, weeks, from, to));
    this.update();
  }

  #keyOnWindow(event, window) {
    const { columns, minutes } = stepOf(event);
    if (event.key === "Delete" || event.key === "Backspace") {
      this.querySelector(".week").focus();
      this.#tellIfChanged(remove(this.windows, window.key));
    } else if (event.key === "Escape" && this.#gesture) {
      this.#cancel();
    } else if (event.shiftKey && minutes) {
      this.#tellIfChanged(resize(this.windows, window.key, "end", minutes, STEP));
    } else if (event.altKey && minutes) {
      this.#tellIfChanged(resize(this.windows, window.key, "begin", minutes, STEP));
    } else if (columns || minutes) {
      this.#tellIfChanged(move(this.windows, window.key, columns * DAY + minutes));
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

/** `周一 22:00–06:00（次日）`. */
export function windowText(window) {
  const { week, begin_time, end_time } = window;
  const overnight = piecesOf(window).length > 1;
  return t(overnight ? "windowOverMidnight" : "window", { day: weekday(week), begin_time, end_time });
}

/** The cell of the grid that holds a point. */
function cellOf({ column, minutes }) {
  return { column, minutes: Math.min(Math.floor(minutes / STEP) * STEP, DAY - STEP) };
}

/** The columns, weekdays and minutes of two cells and all between them. */
function rectangleOf({ anchor, point }) {
  const [left, right] = [Math.min(anchor.column, point.column), Math.max(anchor.column, point.column)];
  const columns = WEEKDAYS.map((_, column) => column).slice(left, right + 1);
  return {
    columns,
    weeks: columns.map((column) => WEEKDAYS[column]),
    from: Math.min(anchor.minutes, point.minutes),
    to: Math.max(anchor.minutes, point.minutes) + STEP,
  };
}

/** Which edge of a window the pointer is at. A piece shows the begin at its top if it is the first, the end at its bottom if the last. */
function edgeAt(event, piece, window) {
  const { top, bottom, height } = piece.getBoundingClientRect();
  // A short piece must leave room to take hold of it as a whole.
  const near = Math.min(EDGE[event.pointerType] ?? EDGE.mouse, height / 3);
  const tail = piece.classList.contains("tail");
  const overMidnight = piecesOf(window).length > 1;
  if (!tail && event.clientY - top < near) return "begin";
  if ((tail || !overMidnight) && bottom - event.clientY < near) return "end";
  return null;
}

/** How far a key goes: days to the side, minutes up and down. */
function stepOf(event) {
  const steps = {
    ArrowLeft: { columns: -1, minutes: 0 },
    ArrowRight: { columns: 1, minutes: 0 },
    ArrowUp: { columns: 0, minutes: -STEP },
    ArrowDown: { columns: 0, minutes: STEP },
    PageUp: { columns: 0, minutes: -60 },
    PageDown: { columns: 0, minutes: 60 },
  };
  return steps[event.key] ?? { columns: 0, minutes: 0 };
}

function clamp(number, least, most) {
  return Math.min(Math.max(number, least), most);
}

define("week-grid", WeekGrid, ["windows"]);

