// Webhooks: where the account's events are sent, and what became of the last of them.

import { closeDialog, modal, once } from "../parts/dialog.js";
import { CODE } from "../api.js";
import { complain, say } from "../parts/notice.js";
import { define, html, nothing, repeat } from "../view.js";
import { empty, loading } from "../parts/blank.js";
import { faultLine, Faults, invalid } from "../parts/faults.js";
import { icon } from "../parts/icon.js";
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
  "call.started",
  "call.ringing",
  "call.answered",
  "call.judged",
  "call.ended",
  "call.result",
  "task.finished",
  "line.down",
  "line.up",
  "bot.down",
  "bot.up",
  "number.blocked",
  "numbers.added",
  "numbers.deleted",
  "closure.planned",
  "closure.revoked",
  "ceiling.changed",
  "dialing.stopped",
  "dialing.resumed",
  "holidays.near_horizon",
  "holidays.feed_changed",
  "holidays.feed_failing",
  "import.finished",
];

/** What of a call may be told before its end. @type {Sent<"set_call_events">["call_events"]} */
const EARLY_CALL_EVENTS = ["call.started", "call.ringing", "call.answered", "call.judged"];

const SIGNS = { delivered: "check", pending: "wait", lost: "cross" };
const KINDS = { delivered: "open", pending: "wait", lost: "bad" };

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
  /** The events of calls that are written before they end; `null` until they are known. */
  #callEvents = null;
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
      await Promise.all([this.#learnZone(), this.#readCallEvents(), ...data.map((webhook) => this.#turn(webhook, 1))]);
    });
  }

  async #readCallEvents() {
    this.#callEvents = (await this.api.callEvents(this)).data.call_events;
    this.update();
  }

  /** What of a call is told before its end, for all webhooks and the feed. */
  #callEventsPanel() {
    const tick = (type) => html`
      <label class="check">
        <input type="checkbox" class="tick" value=${type} .checked=${this.#callEvents.includes(type)} ?disabled=${!this.mayChange} @change=${this.#chooseCallEvents} />
        ${word("event", type)}
      </label>
    `;
    return html`
      <section class="panel" aria-labelledby="call-events-title">
        <header><h2 id="call-events-title">${t("callEvents")}</h2><span class="small quiet">${t("callEventsMean")}</span></header>
        <div class="body"><fieldset class="checks" id="call-events"><legend class="visually-hidden">${t("callEvents")}</legend>${EARLY_CALL_EVENTS.map(tick)}</fieldset></div>
      </section>
    `;
  }

  #chooseCallEvents = once(async ({ target }) => {
    const { value, checked } = target;
    const chosen = EARLY_CALL_EVENTS.filter((type) => (type === value ? checked : this.#callEvents.includes(type)));
    await this.attempt(async () => {
      this.#callEvents = (await this.api.setCallEvents(chosen)).data.call_events;
      say(t("callEventsSaved"));
    });
    this.update();
  });

  async #learnZone() {
    this.#zone ??= await this.api.serverZone(this);
    this.update();
  }

  async #turn(webhook, page) {
    this.#deliveries.set(webhook.id, await this.api.deliveries(webhook.id, { page, per_page: PER_PAGE }, this));
    this.update();
  }

  draw() {
    const all = this.#webhooks.all;
    return html`
      <main id="main" tabindex="-1">
        <div class="head">
          <h1>${t("webhooks")}</h1>
          <div class="tools">
            <button type="button" class="button refresh" @click=${() => this.#load()}>${t("refresh")}</button>
            ${this.mayChange
              ? html`<button type="button" class="button primary" @click=${() => this.#set("adding", true)}>${icon("plus")}${t("newWebhook")}</button>`
              : nothing}
          </div>
        </div>
        ${all?.length ? nothing : html`<section class="panel">${all === null ? loading() : empty("hook", t("noWebhook"))}</section>`}
        ${repeat(
          all ?? [],
          ({ id }) => id,
          (webhook) => this.#webhook(webhook),
        )}
        ${this.#callEvents ? this.#callEventsPanel() : nothing}
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
    const { id, url, enabled, events, format, batch, disabled_for_failing_at: gaveUp } = webhook;
    return html`
      <section class="panel webhook" data-webhook=${id} aria-label=${url} ?inert=${this.#webhooks.hasLeft(id)}>
        <header>
          <h2>${url}</h2>
          <span class="chip state ${enabled ? "open" : ""}">${enabled ? html`<span class="dot"></span>` : icon("pause")}${t(enabled ? "enabled" : "disabled")}</span>
          ${gaveUp ? html`<span class="small is-bad">${icon("warn")} ${t("gaveUp", { at: this.#time(gaveUp) })}</span>` : nothing}
          <span class="small quiet">
            ${t(`format.${format}`)}${t("pause")}${events.length === 0 ? t("allEvents") : events.map((type) => word("event", type)).join(t("comma"))}${batch > 1 ? `${t("pause")}${t("batchOf", { count: batch })}` : nothing}
          </span>
          ${this.mayChange ? this.#tools(webhook) : nothing}
        </header>
        ${this.#deliveryTable(webhook, this.#deliveries.get(id))}
      </section>
    `;
  }

  /** @param {Webhook} webhook */
  #tools(webhook) {
    const { url, enabled } = webhook;
    return html`
      <span class="row-tools push">
        ${this.#button(webhook, "sendTest", t("testOf", { url }), () => this.#test(webhook))}
        ${this.#button(webhook, enabled ? "disable" : "enable", `${t(enabled ? "disable" : "enable")} ${url}`, () => this.#enable(webhook))}
        ${this.#button(webhook, "newSecret", t("rotateOf", { url }), () => this.#rotate(webhook))}
        <button type="button" class="button little" aria-label=${t("deleteOf", { name: url })} @click=${() => this.#set("deleting", webhook)}>
          ${icon("trash")}${t("delete")}
        </button>
      </span>
    `;
  }

  /** Does something to a webhook at once, and only once. */
  #button({ id }, word, label, action) {
    return html`
      <button
        type="button"
        class="button little"
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
    if (!page) return loading();
    if (page.data.length === 0) return html`<p class="small quiet">${t("noDelivery")}</p>`;
    return html`
      <div class="scroll" tabindex="0" role="region" aria-label="${t("lastDeliveries")} ${webhook.url}">
        <table class="table dense">
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
        <td>${word("event", type)} ${event ? html`<span class="faint">#${event}</span>` : nothing}</td>
        <td class="delivery-${state}">
          <span class="chip ${KINDS[state]}">${icon(SIGNS[state])}${t(`delivery.${state}`)}</span>
          ${next && attempts > 0 ? html`<span class="small quiet">${t("againAt", { at: this.#time(next) })}</span>` : nothing}
        </td>
        <td>${attempts}</td>
        <td>${status ?? "–"}</td>
        <td class="wrap answer-text">${answer ?? "–"}</td>
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
          <label class="over">
            ${t("address")}
            <input class="field" name="url" required autocomplete="off" placeholder="https://example.com/dialtime" ${invalid(this.#faults, null, "url")} />
            ${faultLine(this.#faults, null, "url")}
          </label>
          ${this.#faults.beside(["url", "batch"]).map((text) => html`<p class="fault" role="alert">${icon("warn")}${text}</p>`)}
          <label class="over">
            ${t("format")}
            <select class="field" name="format">
              <option value="standard">${t("format.standard")}</option>
              <option value="platform">${t("format.platform")}</option>
            </select>
          </label>
          <label class="over">
            ${t("batch")}
            <input class="field" name="batch" type="number" min="1" max="100" value="1" required ${invalid(this.#faults, null, "batch")} />
            ${faultLine(this.#faults, null, "batch")}
          </label>
          <fieldset class="checks">
            <legend>${t("whichEvents")}</legend>
            ${TYPES.map((type) => html`<label class="check"><input type="checkbox" class="tick" name="events" value=${type} /> ${word("event", type)}</label>`)}
          </fieldset>
          <p class="actions">
            <button type="button" class="button" @click=${closeDialog}>${t("cancel")}</button>
            <button type="submit" class="button primary">${t("create")}</button>
          </p>
        </form>
      </dialog>
    `;
  }

  #add = once(async (event) => {
    const fields = new FormData(event.target);
    try {
      const batch = Number(fields.get("batch"));
      const webhook = { url: fields.get("url").trim(), format: fields.get("format"), batch, events: fields.getAll("events") };
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
        <p class="actions"><button type="button" class="button primary" @click=${closeDialog}>${t("haveIt")}</button></p>
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
          <button type="button" class="button" autofocus @click=${closeDialog}>${t("cancel")}</button>
          <button type="button" class="button danger" @click=${carryOut}>${icon("trash")}${t("delete")}</button>
        </p>
      </dialog>
    `;
  }
}

define("webhooks-page", WebhooksPage, ["api", "account", "feed", "route", "token"]);
