// Keeps the keyboard's focus when the page is drawn again, and swallows second clicks and held keys that would hit something else.

/** For how long, and how often, the place of someone who comes back is looked for while the page is loading. */
const PATIENCE = 5000;
const PAUSE = 50;

const NAMED_ROWS = ["group", "task", "webhook", "closure", "event", "record", "call", "line", "number"];

/**
 * Draws. A lost focus goes to what the nearest element around it names in `data-focus` (nothing: itself), or else to the heading.
 */
export function keepFocus(view, draw) {
  const focused = document.activeElement;
  const within = focused !== view && view.contains(focused);
  const around = within ? ancestorsOf(focused) : [];
  draw();
  if (!within || !isLost(focused)) return;
  const places = around.filter((element) => element.isConnected && "focus" in element.dataset);
  const found = places.map((element) => (element.dataset.focus ? element.querySelector(element.dataset.focus) : element)).find(Boolean);
  if (found) found.focus({ preventScroll: true });
  else focusHeading();
}

function isLost(element) {
  return !element.isConnected || element.disabled || element.closest("[inert]") !== null;
}

function ancestorsOf(element) {
  const ancestors = [];
  for (let at = element.parentElement; at; at = at.parentElement) ancestors.push(at);
  return ancestors;
}

/** Reading goes on at the beginning of what is there now. */
export function focusHeading() {
  const heading = document.querySelector("main h1");
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

/** Where the focus is, in words that find it in the page as it will be drawn again; null where it is nowhere. */
export function placeOfFocus() {
  const steps = [];
  for (let at = document.activeElement; at && at !== document.body; at = at.parentElement) {
    const row = NAMED_ROWS.find((name) => name in at.dataset);
    if (row) return [`[data-${row}="${CSS.escape(at.dataset[row])}"]`, ...steps].join(" > ");
    steps.unshift(`${at.localName}:nth-child(${[...at.parentElement.children].indexOf(at) + 1})`);
  }
  return steps.length > 0 ? steps.join(" > ") : null;
}

/** Puts the focus on a place as soon as it is there, unless the person has gone elsewhere meanwhile. */
export function returnFocus(place, { signal }) {
  focusHeading();
  const began = performance.now();
  const timer = setInterval(() => {
    const found = document.querySelector(place);
    const elsewhere = !document.activeElement.matches("body, main, main h1");
    if (found && !elsewhere) found.focus();
    if (found || elsewhere || signal.aborted || performance.now() - began > PATIENCE) clearInterval(timer);
  }, PAUSE);
}

// The second click.

/** Presses so many milliseconds and pixels apart belong together, where the browser does not count them itself. */
const SOON = 500;
const NEAR = 10;

/** The last press that counted. */
let last = { control: null, at: -Infinity, x: 0, y: 0 };
/** Whether what is pressed now is something else than what was pressed just before in the same place. */
let elsewhere = false;

/** What a press is for; a grid is painted on as a whole, and a label stands for its field. */
function controlOf({ target }) {
  return target.closest("week-grid, label") ?? target.closest("a, button, input, select, summary");
}

function press(event) {
  const control = controlOf(event);
  const together = event.timeStamp - last.at < SOON && Math.hypot(event.clientX - last.x, event.clientY - last.y) < NEAR;
  elsewhere = together && last.control !== null && control !== last.control;
  last = { control: elsewhere ? last.control : control, at: event.timeStamp, x: event.clientX, y: event.clientY };
  // The grid is painted on by the press itself.
  if (elsewhere && event.target.closest("week-grid")) swallow(event);
}

function click(event) {
  const second = event.detail > 1 || (event.detail === 1 && event.pointerType === "touch");
  if (elsewhere && second) swallow(event);
}

function swallow(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

document.addEventListener("pointerdown", press, true);
document.addEventListener("mousedown", click, true);
document.addEventListener("click", click, true);
document.addEventListener(
  "keydown",
  (event) => event.repeat && event.key === "Enter" && /** @type {Element} */ (event.target).matches("a, button") && event.preventDefault(),
  true,
);
