// The palette: tasks and groups by their names, pages, and what can be done to a task. Tells `closed`.

import { address, go } from "../route.js";
import { closeDialog, modal } from "./dialog.js";
import { complain, say } from "./notice.js";
import { icon } from "./icon.js";
import { PAGE_NAMES } from "../shell.js";
import { t } from "../language.js";
import { View, define, html, Latest, nothing, settled } from "../view.js";

/** How many of each kind are shown. */
const SHOWN = 6;

/** What is shown of a task in its state, which is 1 paused, 2 running, 3 waiting. */
const TASK_STATES = { 1: "state.paused", 2: "state.running", 3: "state.waiting" };

/** A line of the palette: what it says, and what choosing it does. @typedef {{ kind: string, sign: string, text: string, more?: string, act: () => unknown }} Hit */

class FindPalette extends View {
  #text = "";
  /** @type {Task[]} */
  #tasks = [];
  /** @type {Group[]} */
  #groups = [];
  #chosen = 0;
  #reading = new Latest();
  #look = settled(150, () => this.#load());

  start() {
    this.#load();
  }

  /** The words that are sought; one that names an action is not part of a name. */
  get #wanted() {
    const words = this.#text.split(/\s+/).filter(Boolean);
    const action = ["start", "stop"].find((each) => words.some((word) => word.toLowerCase() === t(each).toLowerCase()));
    return { action, name: words.filter((word) => !action || word.toLowerCase() !== t(action).toLowerCase()).join(" ") };
  }

  async #load() {
    if (!this.isConnected) return;
    const query = { page: 1, per_page: SHOWN, name: this.#wanted.name };
    const options = this.#reading.instead(this.signal);
    try {
      const [tasks, groups] = await Promise.all([this.api.tasks(query, options), this.api.groups(query, options)]);
      [this.#tasks, this.#groups, this.#chosen] = [tasks.data, groups.data, 0];
      this.update();
    } catch (error) {
      if (error.name !== "AbortError") complain(error);
    }
  }

  /** @returns {Hit[]} */
  get #hits() {
    const to = (...rest) => () => go(address(this.account, ...rest));
    const { action, name } = this.#wanted;
    const pages = PAGE_NAMES.filter((page) => name && t(page).toLowerCase().includes(name.toLowerCase()));
    return [
      ...this.#commands(action, name),
      ...this.#tasks.map((task) => ({ kind: "tasks", sign: "task", text: task.name, more: t(TASK_STATES[task.status]), act: to("tasks", task.uuid) })),
      ...this.#groups.map((group) => ({ kind: "groups", sign: "group", text: group.name, more: String(group.id), act: to("groups", String(group.id)) })),
      ...pages.map((page) => ({ kind: "pages", sign: "right", text: t(page), act: to(page) })),
    ];
  }

  /** What can be done to the tasks that are found. @returns {Hit[]} */
  #commands(action, name) {
    if (this.token?.scope !== "all") return [];
    const doable = this.#tasks.filter(({ status }) => (action ? (status === 1) === (action === "start") : false));
    const commands = doable.map((task) => this.#command(task, action));
    const fresh = t("newGroup");
    if (!name || fresh.toLowerCase().includes(name.toLowerCase())) commands.push({ kind: "commands", sign: "plus", text: fresh, act: () => go(address(this.account, "groups", "new")) });
    return commands;
  }

  /** @param {Task} task @returns {Hit} */
  #command(task, action) {
    const start = action === "start";
    const act = async () => {
      try {
        await (start ? this.api.startTask(task.uuid) : this.api.stopTask(task.uuid));
        say(t(start ? "started" : "stopped", task));
      } catch (error) {
        complain(error);
      }
    };
    return { kind: "commands", sign: start ? "play" : "pause", text: t(start ? "startOf" : "stopOf", task), act };
  }

  draw() {
    const hits = this.#hits;
    const chosen = Math.min(this.#chosen, Math.max(0, hits.length - 1));
    return html`
      <dialog class="over-page" ${modal()} aria-label=${t("find")} @close=${() => this.tell("closed")} @click=${this.#clickBeside}>
        <div class="palette">
          <div class="ask">
            ${icon("search")}
            <input
              type="text"
              role="combobox"
              autocomplete="off"
              placeholder=${t("find")}
              aria-label=${t("find")}
              aria-expanded=${String(hits.length > 0)}
              aria-controls="hits"
              aria-activedescendant=${hits.length > 0 ? `hit-${chosen}` : nothing}
              @input=${this.#typed}
              @keydown=${(event) => this.#key(event, hits, chosen)}
            />
            <kbd aria-hidden="true">Esc</kbd>
          </div>
          <div class="hits" id="hits" role="listbox" aria-label=${t("results")} tabindex="-1">${hits.map((hit, index) => this.#hit(hit, index, hits, chosen))}</div>
          ${hits.length === 0 ? html`<p class="none quiet" role="status">${t("nothingFound")}</p>` : nothing}
        </div>
      </dialog>
    `;
  }

  /** @param {Hit} hit */
  #hit(hit, index, hits, chosen) {
    return html`
      ${index === 0 || hits[index - 1].kind !== hit.kind ? html`<p class="kind" role="presentation">${t(hit.kind)}</p>` : nothing}
      <div class="hit" role="option" id="hit-${index}" aria-selected=${String(index === chosen)} @click=${(event) => this.#take(event, hit)}>
        ${icon(hit.sign)}<span>${hit.text}</span>${hit.more ? html`<span class="faint push">${hit.more}</span>` : nothing}
      </div>
    `;
  }

  #typed = (event) => {
    this.#text = event.target.value.trim();
    this.#chosen = 0;
    this.#look();
    this.update();
  };

  #key(event, hits, chosen) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && hits.length > 0) {
      this.#chosen = (chosen + step + hits.length) % hits.length;
      this.drawNow();
      this.querySelector("[aria-selected=true]").scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && hits[chosen] && !event.isComposing) {
      this.#take(event, hits[chosen]);
    } else {
      return;
    }
    event.preventDefault();
  }

  /** @param {Hit} hit */
  #take(event, hit) {
    closeDialog(event);
    hit.act();
  }

  /** A press beside the palette puts it away. */
  #clickBeside = (event) => {
    if (event.target.localName === "dialog") closeDialog(event);
  };
}

define("find-palette", FindPalette, ["api", "account", "token"]);
