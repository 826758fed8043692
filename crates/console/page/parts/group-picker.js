// Chooses a group among however many there are: search, page, choose. Tells `pick` with the group.

import { t } from "../language.js";
import { View, define, html, Latest, nothing, repeat, settled } from "../view.js";
import { complain } from "./notice.js";
import { pager } from "./pager.js";
import { weekStrip } from "./week-picture.js";

const PER_PAGE = 8;

class GroupPicker extends View {
  /** @type {Group[]} */
  #groups = null;
  /** @type {Meta} */
  #meta = null;
  #name = "";
  #reading = new Latest();
  #look = settled(250, () => this.#load(1));

  start() {
    this.#load(1);
  }

  async #load(page) {
    try {
      const query = { page, per_page: PER_PAGE, name: this.#name };
      const { data, meta } = await this.api.groups(query, this.#reading.instead(this.signal));
      this.#groups = data;
      this.#meta = meta;
      this.update();
    } catch (error) {
      complain(error);
    }
  }

  draw() {
    return html`
      <label class="over">
        ${t("searchGroups")}
        <input type="search" class="field" autocomplete="off" @input=${this.#search} />
      </label>
      <fieldset class="options">
        <legend class="visually-hidden">${this.label}</legend>
        ${this.#groups === null ? html`<p class="quiet">${t("loading")}</p>` : this.#options()}
      </fieldset>
      ${pager(this.#meta, (page) => this.#load(page))}
    `;
  }

  #options() {
    const groups = this.#groups.filter(({ id }) => id !== this.except);
    if (groups.length === 0) return html`<p class="quiet">${t("noOtherGroup")}</p>`;
    return repeat(
      groups,
      ({ id }) => id,
      (group) => html`
        <label class="option">
          <input type="radio" class="tick" name="group" value=${group.id} @change=${() => this.tell("pick", group)} />
          ${weekStrip(group.content)}
          <span>${group.name}${group.is_default ? html` <span class="tag">${t("default")}</span>` : nothing}</span>
        </label>
      `,
    );
  }

  #search(event) {
    this.#name = event.target.value.trim();
    this.#look();
  }
}

define("group-picker", GroupPicker, ["api", "except", "label"]);
