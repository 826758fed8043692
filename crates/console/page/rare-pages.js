// Pages, and parts of pages, that few open: the modules that they alone need come when they are opened first, so that the others are there sooner.

import { CODE, Refusal } from "./api.js";

/** How each comes, by the name of its element. */
const MODULES = {
  "audit-page": () => import("./pages/audit-page.js"),
  "calls-page": () => import("./pages/calls-page.js"),
  "ceiling-panel": () => import("./parts/ceiling-panel.js"),
  "closed-today": () => import("./parts/closed-today.js"),
  "closures-page": () => import("./pages/closures-page.js"),
  "delete-group": () => import("./parts/delete-group.js"),
  "events-page": () => import("./pages/events-page.js"),
  "exception-list": () => import("./parts/exception-list.js"),
  "group-bulk": () => import("./parts/group-bulk.js"),
  "group-override": () => import("./parts/group-override.js"),
  "group-settings": () => import("./parts/group-settings.js"),
  "holiday-calendar-page": () => import("./pages/holiday-calendar-page.js"),
  "holiday-calendars-page": () => import("./pages/holiday-calendars-page.js"),
  "import-page": () => import("./pages/import-page.js"),
  "line-page": () => import("./pages/line-page.js"),
  "lines-page": () => import("./pages/lines-page.js"),
  "record-page": () => import("./pages/record-page.js"),
  "script-page": () => import("./pages/script-page.js"),
  "scripts-page": () => import("./pages/scripts-page.js"),
  "season-list": () => import("./parts/season-list.js"),
  "task-bulk": () => import("./parts/task-bulk.js"),
  "versions-page": () => import("./pages/versions-page.js"),
  "webhooks-page": () => import("./pages/webhooks-page.js"),
};

/** How long it is not tried again to have a page come that did not. */
const PAUSE = 5000;

/** The names of those that were asked for. @type {Set<string>} */
const asked = new Set();

/** Whether a page can be shown. @param {string} name */
export function isHere(name) {
  return customElements.get(name) !== undefined;
}

/** Has a page come; null when it is on its way already. @param {string} name */
export function fetchPage(name) {
  if (asked.has(name)) return null;
  asked.add(name);
  return MODULES[name]().catch(() => {
    setTimeout(() => asked.delete(name), PAUSE);
    throw new Refusal(CODE.unreachable, "");
  });
}
