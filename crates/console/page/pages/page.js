// What the pages of an account have in common.

import { address } from "../route.js";
import { View, html } from "../view.js";
import { complain } from "../parts/notice.js";
import { t } from "../language.js";

/**
 * A page of an account: `api` speaks for the account, `account` names it, `feed` tells what happens to it, `route` is the address, `token`
 * says what its holder may do.
 */
export class Page extends View {
  /** Calls `wanted` for events that it wants to know of, and when the feed is there (again), for events may have been missed. */
  followFeed(wanted) {
    this.feed.addEventListener("event", ({ detail }) => wanted(detail), { signal: this.signal });
    this.feed.addEventListener("state", () => this.feed.live && wanted(null), { signal: this.signal });
  }

  /** Whether the token may change things; not as long as that is not known. */
  get mayChange() {
    return this.token?.scope === "all";
  }

  /** Whether the token sees telephone numbers whole: one that does not may not look for them, nor send any. */
  get seesNumbers() {
    return this.token?.numbers === "full";
  }

  /** Does something that may be refused, and says so if it is. Gives whether it was done. */
  async attempt(action) {
    try {
      await action();
      return true;
    } catch (error) {
      complain(error);
      return false;
    }
  }

  /** What a request for the thing of an address gives, or null if there is none. */
  async found(request) {
    try {
      return await request;
    } catch (error) {
      if (!error.missing) throw error;
      return null;
    }
  }

  /** What pages of a group show where there is none. */
  noSuchGroup() {
    return html`
      <main id="main" tabindex="-1">
        <h1>${t("noSuchGroup")}</h1>
        <p><a href=${address(this.account, "groups")}>${t("allGroups")}</a></p>
      </main>
    `;
  }
}
