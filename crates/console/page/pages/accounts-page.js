// Choosing whom to act for: a user, and under it perhaps a sub-user.

import { address, FIRST_PAGE } from "../route.js";
import { complain } from "../parts/notice.js";
import { empty, loading } from "../parts/blank.js";
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
      <main id="main" tabindex="-1" class="narrow">
        <div class="head"><h1>${t("chooseUser")}</h1></div>
        <section class="panel" aria-label=${t("chooseUser")}>${this.#list(this.#users, (user) => this.#userRow(user))}</section>
        ${repeat(this.#user ? [this.#user.id] : [], (id) => id, () => this.#subUserChoice())}
      </main>
    `;
  }

  #userRow(user) {
    return html`
      ${this.#cells(user, { user: user.id, subUser: null })}
      <td class="num">
        <button type="button" class="button little" aria-expanded=${String(this.#user?.id === user.id)} @click=${() => this.#lookInto(user)}>${t("subUsers")}</button>
      </td>
    `;
  }

  #cells({ name, email, phone }, account) {
    return html`
      <td class="wrap"><a class="strong" href=${address(account, FIRST_PAGE)}>${name}</a></td>
      <td class="wrap quiet">${email}</td>
      <td class="quiet">${phone}</td>
    `;
  }

  #subUserChoice() {
    const user = this.#user.id;
    return html`
      <section class="panel sub-users" aria-labelledby="sub-users-title">
        <header><h2 id="sub-users-title">${t("subUsersOf", { name: this.#user.name })}</h2></header>
        ${this.#list(this.#subUsers, (subUser) => this.#cells(subUser, { user, subUser: subUser.id }))}
      </section>
    `;
  }

  #list(list, row) {
    return html`
      <div class="filters">
        <input
          type="search"
          class="field search"
          autocomplete="off"
          placeholder=${t("searchByName")}
          aria-label=${t("searchByName")}
          @input=${(event) => list.search(event.target.value.trim())}
        />
      </div>
      ${list.items === null ? loading() : nothing} ${list.items?.length === 0 ? this.#nobody(list) : nothing}
      ${list.items?.length > 0 ? this.#table(list, row) : nothing} ${pager(list.meta, (page) => list.load(page))}
    `;
  }

  /** Of a new installation it is said how there come to be users. */
  #nobody(list) {
    if (list !== this.#users || list.isNarrowed) return empty("menu", t("nobody"));
    return empty("menu", t("noUserYet"), html`<p class="small">${t("howUsersCome")}</p>`);
  }

  #table(list, row) {
    return html`
      <div class="scroll">
        <table class="table accounts" aria-label=${t("account")}>
          <tbody>
            ${repeat(
              list.items,
              ({ id }) => id,
              (item) => html`<tr>${row(item)}</tr>`,
            )}
          </tbody>
        </table>
      </div>
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

  get isNarrowed() {
    return this.#name !== "";
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

