// What the pages of an account have in common.

import { View } from "../view.js";
import { complain } from "../parts/notice.js";

/** A page of an account: `api` speaks for the account, `account` names it, `feed` tells what happens to it, `route` is the address. */
export class Page extends View {
  /** Calls `wanted` for events that it wants to know of, and when the feed is there (again), for events may have been missed. */
  followFeed(wanted) {
    this.feed.addEventListener("event", ({ detail }) => wanted(detail), { signal: this.signal });
    this.feed.addEventListener("state", () => this.feed.live && wanted(null), { signal: this.signal });
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
}
