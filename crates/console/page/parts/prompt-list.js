// The prompts of an account: what scripts play. A file is uploaded, heard, and deleted when no script plays it any more.

import { closeDialog, once } from "./dialog.js";
import { deleteDialog } from "./delete-dialog.js";
import { CODE } from "../api.js";
import { complain, say } from "./notice.js";
import { empty, loading } from "./blank.js";
import { durationText } from "../clock.js";
import { fileButton } from "./file-drop.js";
import { icon } from "./icon.js";
import { pager } from "./pager.js";
import { t } from "../language.js";
import { View, define, html, Latest, nothing, repeat } from "../view.js";

const PER_PAGE = 10;

/** Names may be no longer. */
const LONGEST = 64;

/** @typedef {Data<"list_prompts">[number]} Prompt */

class PromptList extends View {
  /** @type {Prompt[]} */
  #prompts = null;
  /** @type {Meta} */
  #meta = null;
  #page = 1;
  /** What was wrong with the file that was uploaded last, or may be. @type {string[]} */
  #said = [];
  /** The one that is heard, and what ends it. @type {{ id: string, stop: () => void } | null} */
  #heard = null;
  /** @type {Prompt} */
  #deleting = null;
  /** The scripts that keep it from being deleted. */
  #inUse = null;
  #reading = new Latest();
  #hearing = new Latest();

  start() {
    this.#load(1);
  }

  stop() {
    this.#heard?.stop();
  }

  async #load(page) {
    if (!this.isConnected) return;
    this.#page = page;
    try {
      const { data, meta } = await this.api.prompts({ page, per_page: PER_PAGE }, this.#reading.instead(this.signal));
      if (data.length === 0 && page > 1) return this.#load(meta.last_page);
      [this.#prompts, this.#meta] = [data, meta];
      this.update();
    } catch (error) {
      complain(error);
    }
  }

  draw() {
    return html`
      <header>
        <h2>${t("prompts")}</h2>
        <span class="small quiet">${t("promptsMean")}</span>
        ${this.fixed ? nothing : html`<span class="push">${fileButton(t("uploadPrompt"), ".wav,audio/wav", this.#upload)}</span>`}
      </header>
      ${this.#said.length > 0 ? html`<div class="body" role="alert">${this.#said.map((text) => html`<p class="fault">${icon("warn")}${text}</p>`)}</div>` : nothing}
      ${this.#prompts === null ? loading() : this.#list()} ${pager(this.#meta, (page) => this.#load(page))}
      ${this.#deleting ? this.#deleteDialog(this.#deleting) : nothing}
    `;
  }

  #list() {
    if (this.#prompts.length === 0) return empty("play", t("noPrompt"));
    return html`
      <ul class="rules">
        ${repeat(
          this.#prompts,
          ({ id }) => id,
          (prompt) => this.#row(prompt),
        )}
      </ul>
    `;
  }

  /** @param {Prompt} prompt */
  #row(prompt) {
    const { id, name, milliseconds, warnings } = prompt;
    const playing = this.#heard?.id === id;
    const ask = () => {
      this.#deleting = prompt;
      this.update();
    };
    return html`
      <li data-prompt=${id}>
        <b class="strong cut" title=${name}>${name}</b>
        <span class="row-tools push">
          <button type="button" class="button plain little square" aria-label=${t(playing ? "stopPrompt" : "hearPrompt", prompt)} title=${t(playing ? "stopPrompt" : "hearPrompt", prompt)} @click=${() => this.#hear(prompt)}>
            ${icon(playing ? "stop" : "play")}
          </button>
          ${this.fixed ? nothing : html`<button type="button" class="button plain little square" aria-label=${t("deleteOf", prompt)} title=${t("delete")} @click=${ask}>${icon("trash")}</button>`}
        </span>
        <small>${durationText(milliseconds)}${t("pause")}${this.named ? html`<code>${id}</code>` : prompt.updated_at}${warnings.map(({ message }) => html` <span class="is-wait">${message}</span>`)}</small>
      </li>
    `;
  }

  /** The file's name, as far as it may be one, is the prompt's. @param {File | undefined} file */
  #upload = async (file) => {
    if (!file) return;
    const name = file.name.replace(/\.[^.]*$/, "").trim().slice(0, LONGEST) || t("prompt");
    this.#said = [];
    try {
      const { data } = await this.api.uploadPrompt(name, file, this);
      this.#said = data.warnings.map(({ message }) => message);
      say(t("promptUploaded", data));
      this.tell("change-prompts");
      await this.#load(1);
    } catch (error) {
      if (error.code === CODE.invalid) this.#said = error.faults.map(({ message }) => message);
      else complain(error);
    }
    this.update();
  };

  /** Plays it, or ends what is heard. Not from an address: its file is given to those alone who have a token. @param {Prompt} prompt */
  async #hear({ id }) {
    const before = this.#heard;
    before?.stop();
    if (before?.id === id) return;
    const options = this.#hearing.instead(this.signal);
    try {
      const sound = new AudioContext();
      const stop = () => {
        if (this.#heard?.id === id) this.#heard = null;
        if (sound.state !== "closed") sound.close();
        this.update();
      };
      this.#heard = { id, stop };
      this.update();
      const source = sound.createBufferSource();
      source.buffer = await sound.decodeAudioData(await this.api.promptAudio(id, options));
      source.connect(sound.destination);
      source.addEventListener("ended", stop);
      source.start();
    } catch (error) {
      this.#heard?.stop();
      complain(error);
    }
  }

  #deleteDialog(prompt) {
    const closed = () => {
      this.#deleting = this.#inUse = null;
      this.#load(this.#page);
      this.update();
    };
    return deleteDialog({ name: prompt.name, inUse: this.#inUse, closed, act: this.#delete });
  }

  #delete = once(async (event) => {
    const prompt = this.#deleting;
    try {
      await this.api.deletePrompt(prompt.id, prompt.version);
      say(t("deleted", prompt));
    } catch (error) {
      if (error.code === CODE.promptInUse) {
        this.#inUse = error;
        return this.update();
      }
      complain(error);
    }
    closeDialog(event);
  });
}

define("prompt-list", PromptList, ["api", "fixed", "named"]);
