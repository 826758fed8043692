// A line: what it is made of, and which users have a share of it.

import { address, goInstead } from "../route.js";
import { causeFaults, causeRows, causeRules } from "../parts/cause-map.js";
import { CODE, wishKey } from "../api.js";
import { complain, say } from "../parts/notice.js";
import { define, html, nothing } from "../view.js";
import { faultLine, Faults, invalid } from "../parts/faults.js";
import { icon } from "../parts/icon.js";
import { lineState } from "./lines-page.js";
import { loading } from "../parts/blank.js";
import { once } from "../parts/dialog.js";
import { Page } from "./page.js";
import { t } from "../language.js";
import "../parts/line-shares.js";

const TRANSPORTS = ["udp", "tcp", "tls"];
const TRACES = ["all", "unanswered", "off"];
const POLICIES = ["fixed", "round_robin", "same_for_callee"];
/** The most groups that are looked through. */
const GROUPS = 100;

const FORMS = ["+E.164", "E.164", "national", "as_sent"];

/** Fields that are texts of the line itself, of its trunk, and of the two forms of numbers. */
const TRUNK_TEXTS = ["outbound_proxy", "auth_user", "from_user", "from_domain", "display_name", "p_asserted_identity"];
const FORM_TEXTS = ["strip", "prefix", "areacode", "country"];

class LinePage extends Page {
  /** @type {Line} */
  #line = null;
  #missing = false;
  #kind = "sip";
  #faults = new Faults();
  #busy = false;
  #key = wishKey();
  /** What its carrier's answers mean, in the editor. @type {CauseRow[]} */
  #causes = [];
  /** What they mean otherwise. @type {DefaultCause[]} */
  #defaults = [];
  /** The groups that have it. @type {Data<"list_line_groups">} */
  #groups = [];

  get #isNew() {
    return this.route.id === "new";
  }

  start() {
    if (!this.#isNew) this.#load();
    this.attempt(async () => {
      this.#defaults = (await this.api.defaultCauses(this)).data;
      this.update();
    });
  }

  async #load() {
    await this.attempt(async () => {
      const line = await this.found(this.api.line(this.route.id, this));
      this.#missing = !line;
      if (line) [this.#line, this.#kind, this.#causes] = [line.data, line.data.kind, causeRows(line.data.cause_map)];
      this.update();
      if (!line) return;
      const { data } = await this.api.lineGroups({ page: 1, per_page: GROUPS }, this);
      this.#groups = data.filter(({ lines }) => lines.includes(line.data.id));
      this.update();
    });
  }

  draw() {
    if (this.#missing) return html`<main id="main" tabindex="-1"><h1>${t("noSuchLine")}</h1><p><a href=${address(this.account, "lines")}>${t("lines")}</a></p></main>`;
    if (!this.#isNew && !this.#line) return html`<main id="main" tabindex="-1"><h1>${t("line")}</h1><section class="panel">${loading()}</section></main>`;
    return html`
      <main id="main" tabindex="-1">
        <div class="head">
          <nav class="crumbs" aria-label=${t("place")}><a href=${address(this.account, "lines")}>${t("lines")}</a>${icon("right")}</nav>
          <h1>${this.#line?.name ?? t("newLine")}</h1>
          ${this.#line ? html`${lineState(this.#line)}<span class="small quiet">${t("version", this.#line)}</span>` : nothing}
        </div>
        ${(this.#line?.warnings ?? []).map((text) => html`<p class="banner">${icon("warn")}<span>${text}</span></p>`)}
        <div class="with-rail wide-rail">
          ${this.#form()} ${this.#line ? this.#rail(this.#line) : nothing}
        </div>
      </main>
    `;
  }

  /** @param {Line} line */
  #rail(line) {
    return html`
      <div class="stack">
        <line-shares class="panel" .api=${this.api} .line=${line} .fixed=${!this.mayChange}></line-shares>
        <section class="panel" aria-labelledby="in-groups-title">
          <header><h2 id="in-groups-title">${t("inGroups")}</h2></header>
          ${this.#groups.length === 0
            ? html`<p class="body small quiet">${t("inNoGroup")}</p>`
            : html`<ul class="rules">${this.#groups.map(({ id, name }) => html`<li data-group=${id}><b class="strong">${name}</b></li>`)}</ul>`}
        </section>
      </div>
    `;
  }

  #form() {
    const beside = this.#faults.beside([...KNOWN]);
    return html`
      <form class="stack" @submit=${this.#save}>
        <section class="panel" aria-labelledby="line-title">
          <header><h2 id="line-title">${t("line")}</h2>${this.#line ? nothing : this.#kinds()}</header>
          <div class="body">
            <div class="fields">${this.#text("name", t("name"), this.#line?.name, { required: true, maxlength: 64 })} ${this.#text("description", t("remark"), this.#line?.description, { maxlength: 1000 })}</div>
            <div class="fields">
              ${this.#text("channels", t("channels"), this.#line?.channels ?? 30, { required: true })} ${this.#text("cps", t("cps"), this.#line?.cps ?? 1)}
              ${this.#text("ring_limit", t("ringLimit"), this.#line?.ring_limit ?? 60)} ${this.#text("t1x64", t("t1x64"), this.#line?.t1x64 ?? 8)}
            </div>
            <div class="fields">${this.#text("allowed_prefixes", t("allowedPrefixes"), (this.#line?.allowed_prefixes ?? []).join(", "))}</div>
          </div>
        </section>
        ${this.#kind === "sip" ? this.#trunk(this.#line?.sip) : nothing} ${this.#numbers()}
        <cause-map class="panel" .rules=${this.#causes} .defaults=${this.#defaults} .faults=${this.#faults} .fixed=${!this.mayChange} @change-rules=${({ detail }) => this.#change(detail)}></cause-map>
        ${beside.map((text) => html`<p class="fault" role="alert">${icon("warn")}${text}</p>`)}
        ${this.#kind === "simulated" ? html`<p class="small quiet">${t("simulationStays")}</p>` : nothing}
        <div class="row" ?hidden=${!this.mayChange}>
          <button type="submit" class="button primary" aria-disabled=${this.#busy ? "true" : nothing}>${icon("check")}${this.#line ? t("saveAs", { version: this.#line.version + 1 }) : t("create")}</button>
          <a class="button" href=${address(this.account, "lines")}>${t("cancel")}</a>
        </div>
      </form>
    `;
  }

  #kinds() {
    const choose = (kind) => {
      this.#kind = kind;
      this.update();
    };
    return html`
      <div class="segments" role="group" aria-label=${t("kind")}>
        ${["sip", "simulated"].map(
          (kind) => html`<button type="button" value=${kind} aria-pressed=${String(kind === this.#kind)} @click=${() => choose(kind)}>${t(`lineKind.${kind}`)}</button>`,
        )}
      </div>
    `;
  }

  #trunk(sip = null) {
    return html`
      <section class="panel" aria-labelledby="trunk-title">
        <header><h2 id="trunk-title">${t("trunk")}</h2></header>
        <div class="body">
          <div class="fields">
            ${this.#text("addresses", t("addresses"), (sip?.addresses ?? []).join(", "), { required: true, placeholder: "sip.example.com:5060" })}
            ${this.#choice("transport", t("transport"), TRANSPORTS, sip?.transport, (code) => code.toUpperCase())}
          </div>
          <div class="fields">
            ${this.#text("auth_user", t("authUser"), sip?.auth_user)}
            ${this.#text("auth_secret", t("authSecret"), "", { type: "password", placeholder: sip?.has_secret ? t("secretStays") : "" })}
          </div>
          <label class="check"><input type="checkbox" class="tick" name="register" ?checked=${sip?.register} /> ${t("registerThere")}</label>
          <div class="fields">
            ${this.#text("outbound_proxy", t("outboundProxy"), sip?.outbound_proxy)} ${this.#text("from_user", t("fromUser"), sip?.from_user)}
            ${this.#text("from_domain", t("fromDomain"), sip?.from_domain)} ${this.#text("display_name", t("displayName"), sip?.display_name)}
            ${this.#text("p_asserted_identity", "P-Asserted-Identity", sip?.p_asserted_identity)}
            ${this.#choice("trace", t("traceWord"), TRACES, sip?.trace, (code) => t(`trace.${code}`))}
          </div>
        </div>
      </section>
    `;
  }

  /** How numbers look, on either side. */
  #numbers() {
    const ids = this.#line?.caller_ids;
    return html`
      <section class="panel" aria-labelledby="numbers-title">
        <header><h2 id="numbers-title">${t("numberForms")}</h2></header>
        <div class="body">
          <div class="fields">
            ${this.#text("numbers", t("callerIds"), (ids?.numbers ?? []).join(", "), { placeholder: "+862161234567" })}
            ${this.#choice("policy", t("policyWord"), POLICIES, ids?.policy, (code) => t(`policy.${code}`))}
          </div>
          ${this.#numberForm("callee_form", t("calleeForm"), this.#line?.callee_form, "+E.164")} ${this.#numberForm("caller_form", t("callerForm"), this.#line?.caller_form, "as_sent")}
        </div>
      </section>
    `;
  }

  #numberForm(name, label, form, otherwise) {
    return html`
      <div class="fields">
        ${this.#choice(`${name}.form`, label, FORMS, form?.form ?? otherwise, (code) => t(`form.${code}`))}
        ${FORM_TEXTS.map((part) => this.#text(`${name}.${part}`, t(`form.${part}`), form?.[part]))}
      </div>
    `;
  }

  #text(name, label, value, { required = false, maxlength = undefined, placeholder = "", type = "text" } = {}) {
    return html`
      <label class="over">
        ${label}
        <input
          class="field"
          type=${type}
          name=${name}
          autocomplete="off"
          maxlength=${maxlength ?? nothing}
          placeholder=${placeholder}
          ?required=${required}
          value=${String(value ?? "")}
          ${invalid(this.#faults, null, fieldOf(name))}
        />
        ${faultLine(this.#faults, null, fieldOf(name))}
      </label>
    `;
  }

  #choice(name, label, codes, chosen, text) {
    return html`
      <label class="over">
        ${label}
        <select class="field" name=${name}>
          ${codes.map((code) => html`<option value=${code} ?selected=${code === chosen}>${text(code)}</option>`)}
        </select>
      </label>
    `;
  }

  // Saving.

  #save = once(async (event) => {
    this.#setBusy(true);
    const body = this.#body(new FormData(event.target));
    try {
      const { data } = this.#line ? await this.api.updateLine(this.#line.id, body, this.#line.version) : await this.api.createLine(body, this.#key);
      const isNew = !this.#line;
      [this.#line, this.#faults, this.#key, this.#causes] = [data, new Faults(), wishKey(), causeRows(data.cause_map)];
      say(t("saved", data));
      if (isNew) goInstead(address(this.account, "lines", data.id));
    } catch (error) {
      if (error.code === CODE.invalid) this.#show(error.faults);
      else complain(error);
    }
    this.#setBusy(false);
  });

  /** What was wrong with rules may stand elsewhere by now. */
  #change(causes) {
    const rows = this.#causes.map(({ key }) => key);
    [this.#causes, this.#faults] = [causes, this.#faults.without(rows, null)];
    this.update();
  }

  #setBusy(busy) {
    this.#busy = busy;
    this.update();
  }

  #show(faults) {
    const ofCauses = causeFaults(faults, this.#causes);
    const others = faults.filter(({ field }) => !/^cause_map\[/.test(field)).map(({ field, message }) => ({ field: fieldOf(field), message }));
    this.#faults = new Faults(others).and(ofCauses);
    this.update();
    requestAnimationFrame(() => this.querySelector("[aria-invalid=true]")?.focus());
  }

  /** What is sent; of a line that there is, a masked or unchanged number is not sent back. @param {FormData} fields */
  #body(fields) {
    const text = (name) => fields.get(name).trim();
    const list = (name) => text(name).split(/[,，、\s]+/).filter(Boolean);
    const number = (name) => (text(name) === "" ? undefined : Number(text(name)));
    const form = (name) => ({ form: fields.get(`${name}.form`), ...Object.fromEntries(FORM_TEXTS.map((part) => [part, text(`${name}.${part}`)])) });
    const numbers = list("numbers");
    const body = {
      name: text("name"),
      kind: this.#kind,
      description: text("description"),
      channels: number("channels"),
      cps: number("cps"),
      ring_limit: number("ring_limit"),
      t1x64: number("t1x64"),
      allowed_prefixes: list("allowed_prefixes"),
      caller_ids: { policy: fields.get("policy"), numbers },
      callee_form: form("callee_form"),
      caller_form: form("caller_form"),
      cause_map: causeRules(this.#causes),
      sip: this.#kind === "sip" ? this.#sip(fields, text, list) : undefined,
    };
    const before = this.#line?.caller_ids;
    if (before && before.policy === body.caller_ids.policy && before.numbers.join() === numbers.join()) delete body.caller_ids;
    return body;
  }

  #sip(fields, text, list) {
    const given = Object.fromEntries(TRUNK_TEXTS.map((name) => [name, text(name)]).filter(([, value]) => value !== ""));
    const secret = fields.get("auth_secret");
    const { headers, codecs } = this.#line?.sip ?? {};
    return {
      ...given,
      ...(secret && { auth_secret: secret }),
      ...(headers && { headers, codecs }),
      addresses: list("addresses"),
      transport: fields.get("transport"),
      trace: fields.get("trace"),
      register: fields.has("register"),
    };
  }
}

/** The field of the form that a part of the body belongs to. */
function fieldOf(path) {
  const plain = path.replace(/^(sip|caller_ids)\./, "").replace(/\[\d+\].*$/, "");
  return plain.replace(".", "-");
}

const KNOWN = [
  ...["name", "description", "channels", "cps", "ring_limit", "t1x64", "allowed_prefixes", "addresses", "auth_secret", "numbers"],
  ...TRUNK_TEXTS,
  ...["callee_form", "caller_form"].flatMap((name) => FORM_TEXTS.map((part) => `${name}-${part}`)),
];

define("line-page", LinePage, ["api", "account", "feed", "route", "token"]);
