// The frame around every page: the sidebar, which narrow windows have as tabs, the bar above, and the menu.

import { address } from "./route.js";
import { html, nothing } from "./view.js";
import { icon, mark } from "./parts/icon.js";
import { t } from "./language.js";
import "./parts/account-switcher.js";
import "./parts/look-choices.js";
import "./parts/server-clock.js";
import "./parts/stop-banner.js";

/** The pages of an account with their icons, in groups; `minor` are those that a phone has in its menu. */
/** @type {{ title: string, pages: [string, string][], minor: boolean }[]} */
const PAGES = [
  { title: null, pages: [["today", "today"], ["groups", "group"], ["tasks", "task"], ["records", "record"], ["calls", "phone"], ["closures", "pause"]], minor: false },
  { title: "resources", pages: [["calendars", "today"], ["lines", "line"], ["scripts", "script"]], minor: true },
  { title: "integration", pages: [["events", "event"], ["audit", "file"], ["webhooks", "hook"]], minor: true },
];

/** The names of all pages, which are also words. */
export const PAGE_NAMES = PAGES.flatMap(({ pages }) => pages.map(([name]) => name));

/** How many tabs a phone has room for beside the menu. */
const TABS = 4;

/**
 * The sidebar. `counts` has how many things some pages list; `find` opens the palette, `signOut` ends the session. Without an account there
 * is only the menu.
 */
export function sidebar({ account, api, route, name, about, counts, signOut }) {
  return html`
    <nav class="side" aria-label=${t("mainNavigation")}>
      <a class="brand" href=${account ? address(account, "today") : "#/"}>${mark()}<span>Dialtime</span></a>
      ${account ? accountButton(name, about) : nothing}
      <div class="nav">
        ${account ? PAGES.map((group) => navGroup(group, account, route, counts)) : nothing}
        <button class="more" type="button" popovertarget="menu">${icon("more")}<span>${t("more")}</span></button>
      </div>
      <div class="side-foot nav">
        <button type="button" popovertarget="menu" title=${t("preferences")}>${icon("gear")}<span>${t("preferences")}</span></button>
      </div>
      ${menu({ account, route, name, signOut })}
      ${account
        ? html`<div id="switcher" class="menu switcher" popover role="group" aria-label=${t("switchAccount")} @click=${closeAfterLink}>
            <account-switcher .api=${api} .account=${account} .route=${route}></account-switcher>
          </div>`
        : nothing}
    </nav>
  `;
}

function accountButton(name, about) {
  return html`
    <button class="account" type="button" popovertarget="switcher" title=${t("switchAccount")}>
      <span class="cut strong">${name || t("account")}</span><small>${about}</small>${icon("updown")}
    </button>
  `;
}

function navGroup({ title, pages, minor }, account, route, counts) {
  const link = ([page, sign], index) => html`
    <a
      class=${minor || index >= TABS ? "minor" : ""}
      href=${address(account, page)}
      title=${t(page)}
      aria-current=${route.page === page ? "page" : nothing}
    >
      ${icon(sign)}<span>${t(`nav.${page}`)}</span>${counts[page] === undefined ? nothing : html`<span class="count" aria-hidden="true">${counts[page]}</span>`}
    </a>
  `;
  return html`${title ? html`<p class="nav-title minor">${t(title)}</p>` : nothing} ${pages.map(link)}`;
}

/** The menu: what a phone has no room for, the look of the page, help, and signing out. */
function menu({ account, route, name, signOut }) {
  const item = ([page, sign]) => html`
    <a class="item phone-only" href=${address(account, page)} aria-current=${route.page === page ? "page" : nothing}>${icon(sign)}${t(page)}</a>
  `;
  return html`
    <div id="menu" class="menu" popover role="group" aria-label=${t("preferences")} @click=${closeAfterLink}>
      ${account
        ? html`
            <button type="button" class="item phone-only" popovertarget="switcher">${icon("updown")}<span class="cut">${name || t("account")}</span></button>
            ${PAGES.flatMap(({ pages, minor }) => (minor ? pages : pages.slice(TABS)).map(item))}
          `
        : nothing}
      <look-choices></look-choices>
      <hr />
      <a class="item" href="../docs" target="_blank" rel="noreferrer">${icon("info")}${t("help")}</a>
      <button type="button" class="item sign-out" @click=${signOut}>${icon("cross")}${t("signOut")}</button>
    </div>
  `;
}

/** Whoever follows a link has chosen. */
function closeAfterLink(event) {
  if (event.target.closest("a, .sign-out")) event.currentTarget.hidePopover();
}

/**
 * The bar above: the palette's field, whether the feed is heard, the server's time; a line when what is shown may be out of date, and what
 * is stopped.
 */
export function topBar({ account, api, feed, name, zone, away, find }) {
  const live = feed?.live;
  return html`
    <header>
      <div class="top">
        <a class="brand" href=${account ? address(account, "today") : "#/"}>${mark()}<span class="cut">${name || "Dialtime"}</span></a>
        ${account
          ? html`
              <button class="find" type="button" title=${t("find")} aria-haspopup="dialog" aria-keyshortcuts="Control+K" @click=${find}>
                ${icon("search")}<span class="cut">${t("find")}</span><kbd>Ctrl K</kbd>
              </button>
              <span class="chip bare feed ${live ? "open" : ""}" role="status"><span class="dot ${live ? "live" : "hollow"}"></span>${t(live ? "live" : "notLive")}</span>
              <server-clock .zone=${zone}></server-clock>
            `
          : nothing}
      </div>
      <p class="away ${away ? "banner" : ""}" role="status">${away ? html`${icon("wait")}<span>${t("away", { at: away })}</span>` : nothing}</p>
      <stop-banner .api=${api} .account=${account} .feed=${feed}></stop-banner>
    </header>
  `;
}
