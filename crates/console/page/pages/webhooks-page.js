// Webhooks: where the account's events are sent, and what became of the last of them.

import { closeDialog, modal, once } from "../parts/dialog.js";
import { CODE } from "../api.js";
import { complain, say } from "../parts/notice.js";
import { define, html, nothing, repeat } from "../view.js";
import { faultLine, Faults, invalid } from "../parts/faults.js";
import { Page } from "./page.js";
import { pager } from "../parts/pager.js";
import { SteadyRows } from "../parts/steady-rows.js";
import { t, word } from "../language.js";

const TYPES = [
  "task.running",
  "task.waiting",
  "task.paused",
  "task.created",
  "task.updated",
  "task.deleted",
  "group.opened",
  "group.closed",
  "group.updated",
  "group.deleted",
  "holidays.near_horizon",
];

const SIGNS = { delivered: "✓", pending: "…", lost: "✕" };

const PER_PAGE = 10;

/** How long what was sent takes to be answered, mostly. */
const ANSWERED_IN = 1500;

class WebhooksPage extends Page {
  /** @type {SteadyRows<Webhook>} */
  #webhooks = new SteadyRows(this, ({ id }) => id, () => this.#load());
  /** The server's zone, in which it tells the times of deliveries. */
  #zone = null;
  /** Of each webhook, a page of its deliveries. @type {Map<string, { data: Delivery[], meta?: Meta }>} */
  #deliveries = new Map();
  #adding = false;
  /** @type {Webhook} */
  #deleting = null;
  /** A secret that is shown only now: `{text, rotated}`. */
  #secret = null;
  #faults = new Faults();

  start() {
    this.#load();
  }

  async #load() {
    if (!this.isConnected) return;
    await this.attempt(async () => {
      const { data } = await this.api.webhooks(this);
      this.#webhooks.take(data);
      this.update();
      await Promise.all([this.#learnZone(), ...data.map((webhook) => this.#turn(webhook, 1))]);
    });
  }

  async #learnZone() {
    this.#zone ??= await this.api.serverZone(this);
    this.update();
  }

  async #turn(webhook, page) {
    this.#deliveries.set(webhook.id, await this.api.deliveries(webhook.id, { page, per_page: PER_PAGE }, this));
    this.update();
  }

  draw() {
    return html`
      <main id="main" tabindex="-1">
        <div class="title">
          <h1>${t("webhooks")}</h1>
          <button type="button" class="primary" @click=${() => this.#set("adding", true)}>${t("newWebhook")}</button>
          <button type="button" @click=${() => this.#load()}>${t("refresh")}</button>
        </div>
        ${this.#webhooks.all === null ? html`<p class="quiet">${t("loading")}</p>` : nothing}
        ${this.#webhooks.all?.length === 0 ? html`<p class="quiet">${t("noWebhook")}</p>` : nothing}
        ${repeat(
          this.#webhooks.all ?? [],
          ({ id }) => id,
          (webhook) => this.#webhook(webhook),
        )}
        ${this.#adding ? this.#addDialog() : nothing} ${this.#secret ? this.#secretDialog() : nothing}
        ${this.#deleting ? this.#deleteDialog() : nothing}
      </main>
    `;
  }

  #set(what, value) {
    if (what === "adding") this.#adding = value;
    if (what === "secret") this.#secret = value;
    if (what === "deleting") this.#deleting = value;
    this.update();
  }

  /** @param {Webhook} webhook */
  #webhook(webhook) {
    const { id, url, enabled, events, format, disabled_for_failing_at: gaveUp } = webhook;
    return html`
      <section class="webhook" data-webhook=${id} aria-label=${url} ?inert=${this.#webhooks.hasLeft(id)}>
        <h2>${url}</h2>
        <p>
          <span class="state ${enabled ? "is-open" : "is-shut"}">
            <span aria-hidden="true">${enabled ? "●" : "○"}</span> ${t(enabled ? "enabled" : "disabled")}
          </span>
          ${gaveUp ? html`<span class="warning">⚠ ${t("gaveUp", { at: this.#time(gaveUp) })}</span>` : nothing}
          <span class="quiet">
            ${t(`format.${format}`)} · ${events.length === 0 ? t("allEvents") : events.map((type) => word("event", type)).join(t("comma"))}
          </span>
        </p>
        <p class="row-tools">
          ${this.#button(webhook, "sendTest", t("testOf", { url }), () => this.#test(webhook))}
          ${this.#button(webhook, enabled ? "disable" : "enable", `${t(enabled ? "disable" : "enable")} ${url}`, () => this.#enable(webhook))}
          ${this.#button(webhook, "newSecret", t("rotateOf", { url }), () => this.#rotate(webhook))}
          <button type="button" class="small" aria-label=${t("deleteOf", { name: url })} @click=${() => this.#set("deleting", webhook)}>${t("delete")}</button>
        </p>
        <h3>${t("lastDeliveries")}</h3>
        ${this.#deliveryTable(webhook, this.#deliveries.get(id))}
      </section>
    `;
  }

  /** Does something to a webhook at once, and only once. */
  #button({ id }, word, label, action) {
    return html`
      <button
        type="button"
        class="small"
        aria-label=${label}
        aria-disabled=${this.#webhooks.isBusy(id) ? "true" : nothing}
        @click=${() => this.#webhooks.act(id, action)}
      >
        ${t(word)}
      </button>
    `;
  }

  #time(at) {
    return t("timeInZone", { at, zone: this.#zone ?? "…" });
  }

  #deliveryTable(webhook, page) {
    if (!page) return html`<p class="quiet">${t("loading")}</p>`;
    if (page.data.length === 0) return html`<p class="quiet">${t("noDelivery")}</p>`;
    return html`
      <div class="scroll" tabindex="0" role="region" aria-label="${t("lastDeliveries")} ${webhook.url}">
        <table>
          <thead>
            <tr>
              ${["event", "deliveryState", "attempts", "httpStatus", "answer", "attemptedAt"].map((key) => html`<th scope="col">${t(key)}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${page.data.map((delivery) => this.#deliveryRow(delivery))}
          </tbody>
        </table>
      </div>
      ${pager(page.meta, (number) => this.attempt(() => this.#turn(webhook, number)))}
    `;
  }

  /** @param {Delivery} delivery */
  #deliveryRow({ id, event_id: event, type, state, attempts, status, answer, attempted_at: attempted, next_attempt_at: next }) {
    return html`
      <tr data-delivery=${id}>
        <td>${word("event", type)} ${event ? html`<span class="quiet">#${event}</span>` : nothing}</td>
        <td class="delivery-${state}">
          <span aria-hidden="true">${SIGNS[state]}</span> ${t(`delivery.${state}`)}
          ${next && attempts > 0 ? html`<span class="quiet">${t("againAt", { at: this.#time(next) })}</span>` : nothing}
        </td>
        <td>${attempts}</td>
        <td>${status ?? "–"}</td>
        <td class="answer-text">${answer ?? "–"}</td>
        <td>${attempted ? this.#time(attempted) : "–"}</td>
      </tr>
    `;
  }

  async #test(webhook) {
    if (!(await this.attempt(() => this.api.testWebhook(webhook.id)))) return;
    say(t("testSent"));
    setTimeout(() => this.isConnected && this.attempt(() => this.#turn(webhook, 1)), ANSWERED_IN);
  }

  async #enable(webhook) {
    const enabled = !webhook.enabled;
    const done = await this.attempt(() => this.api.updateWebhook(webhook.id, { enabled }));
    if (done) say(t(enabled ? "isEnabled" : "isDisabled", webhook));
    await this.#load();
  }

  async #rotate(webhook) {
    await this.attempt(async () => {
      const { data } = await this.api.rotateWebhookSecret(webhook.id);
      this.#set("secret", { text: data.secret, rotated: true });
    });
  }

  // Dialogs.

  #addDialog() {
    const closed = () => {
      this.#faults = new Faults();
      this.#set("adding", false);
    };
    return html`
      <dialog ${modal()} aria-labelledby="add-title" @close=${closed}>
        <form @submit=${this.#add}>
          <h2 id="add-title">${t("newWebhook")}</h2>
          <label class="field">
            <span>${t("address")}</span>
            <input name="url" required autocomplete="off" placeholder="https://example.com/dialtime" ${invalid(this.#faults, null, "url")} />
            ${faultLine(this.#faults, null, "url")}
          </label>
          ${this.#faults.beside(["url"]).map((text) => html`<p class="fault" role="alert">${text}</p>`)}
          <label class="field">
            <span>${t("format")}</span>
            <select name="format">
              <option value="standard">${t("format.standard")}</option>
              <option value="platform">${t("format.platform")}</option>
            </select>
          </label>
          <fieldset>
            <legend>${t("whichEvents")}</legend>
            ${TYPES.map((type) => html`<label class="check"><input type="checkbox" name="events" value=${type} /> ${word("event", type)}</label>`)}
          </fieldset>
          <p class="actions">
            <button type="submit" class="primary">${t("create")}</button>
            <button type="button" @click=${closeDialog}>${t("cancel")}</button>
          </p>
        </form>
      </dialog>
    `;
  }

  #add = once(async (event) => {
    const fields = new FormData(event.target);
    try {
      const webhook = { url: fields.get("url").trim(), format: fields.get("format"), events: fields.getAll("events") };
      const { data } = await this.api.createWebhook(webhook);
      closeDialog(event);
      say(t("created", webhook));
      this.#set("secret", { text: data.secret, rotated: false });
      this.#load();
    } catch (error) {
      if (error.code === CODE.invalid) {
        this.#faults = new Faults(error.faults);
        this.update();
      } else {
        closeDialog(event);
        complain(error);
      }
    }
  });

  #secretDialog() {
    return html`
      <dialog ${modal()} aria-labelledby="secret-title" @close=${() => this.#set("secret", null)}>
        <h2 id="secret-title">${t("secret")}</h2>
        <p>${t("secretMeans")} ${this.#secret.rotated ? t("oldSecretMeans") : nothing}</p>
        <p><code>${this.#secret.text}</code></p>
        <p class="actions"><button type="button" class="primary" @click=${closeDialog}>${t("haveIt")}</button></p>
      </dialog>
    `;
  }

  #deleteDialog() {
    const webhook = this.#deleting;
    const carryOut = async (event) => {
      closeDialog(event);
      this.#webhooks.stay();
      if (await this.attempt(() => this.api.deleteWebhook(webhook.id))) say(t("deleted", { name: webhook.url }));
      this.#load();
    };
    return html`
      <dialog ${modal()} aria-labelledby="delete-title" @close=${() => this.#set("deleting", null)}>
        <h2 id="delete-title">${t("deleteOf", { name: webhook.url })}</h2>
        <p>${t("deleteMeans")}</p>
        <p class="actions">
          <button type="button" class="danger" @click=${carryOut}>${t("delete")}</button>
          <button type="button" autofocus @click=${closeDialog}>${t("cancel")}</button>
        </p>
      </dialog>
    `;
  }
}

define("webhooks-page", WebhooksPage, ["api", "account", "feed", "route"]);
