// Another account, without leaving the page: the users whose names contain something, and the sub-users of the one that is shown.

import { address } from "../route.js";
import { complain } from "./notice.js";
import { icon } from "./icon.js";
import { t } from "../language.js";
import { View, define, html, Latest, nothing, repeat, settled } from "../view.js";

/** How many of each are shown. */
const SHOWN = 8;

class AccountSwitcher extends View {
  #users = [];
  #subUsers = [];
  #name = "";
  #reading = new Latest();
  #look = settled(250, () => this.#load());

  start() {
    // Nothing is asked for before someone looks.
    const opened = (/** @type {any} */ event) => event.newState === "open" && this.#load();
    this.closest("[popover]").addEventListener("toggle", opened, { signal: this.signal });
  }

  async #load() {
    if (!this.isConnected) return;
    const query = { name: this.#name, per_page: SHOWN };
    const options = this.#reading.instead(this.signal);
    try {
      const [users, subUsers] = await Promise.all([this.api.users(query, options), this.api.subUsers(this.account.user, query, options)]);
      [this.#users, this.#subUsers] = [users.data, subUsers.data];
      this.update();
    } catch (error) {
      complain(error);
    }
  }

  draw() {
    const { user } = this.account;
    return html`
      <input type="search" class="field" autocomplete="off" placeholder=${t("searchByName")} aria-label=${t("searchAccounts")} @input=${this.#typed} />
      ${this.#list("users", this.#users, ({ id }) => ({ user: id, subUser: null }))}
      ${this.#list("subUsers", this.#subUsers, ({ id }) => ({ user, subUser: id }))}
      <hr />
      <a class="item all" href="#/">${icon("menu")}${t("allAccounts")}</a>
    `;
  }

  #list(title, accounts, accountOf) {
    if (accounts.length === 0) return nothing;
    return html`
      <p class="title">${t(title)}</p>
      ${repeat(
        accounts,
        ({ id }) => id,
        (each) => this.#item(each.name, accountOf(each)),
      )}
    `;
  }

  #item(name, account) {
    const isShown = account.user === this.account.user && account.subUser === this.account.subUser;
    return html`
      <a class="item" href=${address(account, this.route.page ?? "today")} aria-current=${isShown ? "true" : nothing}>
        <span class="cut">${name}</span>${isShown ? icon("check") : nothing}
      </a>
    `;
  }

  #typed = (event) => {
    this.#name = event.target.value.trim();
    this.#look();
  };
}

define("account-switcher", AccountSwitcher, ["api", "account", "route"]);
