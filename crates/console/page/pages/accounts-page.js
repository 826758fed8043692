// Choosing whom to act for: a user, and under it perhaps a sub-user.

import { address } from "../route.js";
import { complain } from "../parts/notice.js";
import { pager } from "../parts/pager.js";
import { t } from "../language.js";
import { View, define, html, Latest, nothing, repeat, settled } from "../view.js";

class AccountsPage extends View {
  #users = new AccountList((query, options) => this.api.users(query, options), this);
  /** The sub-users of the user that is being looked into. */
  #subUsers = null;
  #user = null;

  start() {
    this.#users.load(1);
  }

  draw() {
    return html`
      <main id="main" tabindex="-1">
        <h1>${t("chooseUser")}</h1>
        ${this.#list(this.#users, (user) => this.#userRow(user))}
        ${repeat(this.#user ? [this.#user.id] : [], (id) => id, () => this.#subUserChoice())}
      </main>
    `;
  }

  #userRow(user) {
    return html`
      ${this.#row(user, { user: user.id, subUser: null })}
      <button type="button" class="small" aria-expanded=${this.#user?.id === user.id} @click=${() => this.#lookInto(user)}>
        ${t("subUsers")}
      </button>
    `;
  }

  #row({ name, email, phone }, account) {
    return html`
      <a href=${address(account, "groups")}>${name}</a>
      <span class="quiet">${email} · ${phone}</span>
    `;
  }

  #subUserChoice() {
    const user = this.#user.id;
    return html`
      <section aria-labelledby="sub-users-title">
        <h2 id="sub-users-title">${t("subUsersOf", { name: this.#user.name })}</h2>
        ${this.#list(this.#subUsers, (subUser) => this.#row(subUser, { user, subUser: subUser.id }))}
      </section>
    `;
  }

  #list(list, row) {
    return html`
      <label class="field search">
        <span>${t("searchByName")}</span>
        <input type="search" autocomplete="off" @input=${(event) => list.search(event.target.value.trim())} />
      </label>
      ${list.items === null ? html`<p class="quiet">${t("loading")}</p>` : nothing}
      ${list.items?.length === 0 ? html`<p class="quiet">${t("nobody")}</p>` : nothing}
      <ul class="accounts">
        ${repeat(
          list.items ?? [],
          ({ id }) => id,
          (item) => html`<li>${row(item)}</li>`,
        )}
      </ul>
      ${pager(list.meta, (page) => list.load(page))}
    `;
  }

  #lookInto(user) {
    this.#user = user;
    this.#subUsers = new AccountList((query, options) => this.api.subUsers(user.id, query, options), this);
    this.#subUsers.load(1);
    this.update();
  }
}

/** A page of accounts whose names contain something. */
class AccountList {
  items = null;
  meta = null;
  #name = "";
  #ask;
  #view;
  #reading = new Latest();
  #look = settled(250, () => this.load(1));

  constructor(ask, view) {
    this.#ask = ask;
    this.#view = view;
  }

  search(name) {
    this.#name = name;
    this.#look();
  }

  async load(page) {
    try {
      const { data, meta } = await this.#ask({ page, name: this.#name }, this.#reading.instead(this.#view.signal));
      [this.items, this.meta] = [data, meta];
      this.#view.update();
    } catch (error) {
      complain(error);
    }
  }
}

define("accounts-page", AccountsPage, ["api"]);

