// The public API, as the page speaks it. The token goes into a header and nowhere else.

import { answerOf, CODE, reach, Refusal, sleep } from "./answers.js";
import { language } from "./language.js";
import { learnTime } from "./clock.js";

export { CODE, Refusal, wishKey } from "./answers.js";

/** Addresses are relative to the page's own, so that a proxy may put a path of its own before them. */
const ROOT = new URL("../", document.baseURI);

/** How often a request that came too soon is sent again before the person is told. */
const PATIENT_TRIES = 3;

/** What is an account's, and so its sub-user's where one is chosen; all else is the partner's as a whole. */
const OF_ACCOUNTS = /^agent-api\/(new\/)?user\//;

/** Speaks with a token, for an account if one is given. @implements {AccountApi} */
export class Api {
  constructor(token, account = null) {
    this.token = token;
    this.account = account;
  }

  for(account) {
    return new Api(this.token, account);
  }

  // Who asks.

  tokenValidity(options) {
    return this.#get("agent-api/token", {}, options);
  }

  users(query, options) {
    return this.#get("users", query, options);
  }

  subUsers(user, query, options) {
    return this.#get(`agent-api/user/${user}/subset_users`, query, options);
  }

  // The kill switch. Nobody acts for an account here: what is meant stands in the body.

  stops(query, options) {
    return this.#get("agent-api/stop-dialing", { ...query, sub_user_id: this.account?.subUser }, options);
  }

  stopDialing(what) {
    return this.#send("POST", "agent-api/stop-dialing", what);
  }

  resumeDialing(what) {
    return this.#send("POST", "agent-api/resume-dialing", what);
  }

  // Planned closures: of the account, or of its whole partner.

  closures(query, options) {
    return this.#get(this.#path("closure"), query, options);
  }

  planClosure(closure, key, ofPartner) {
    return this.#send("POST", this.#closures(ofPartner), closure, { "Idempotency-Key": key });
  }

  revokeClosure(id, ofPartner) {
    return this.#send("DELETE", `${this.#closures(ofPartner)}/${id}`);
  }

  #closures(ofPartner) {
    return ofPartner ? "agent-api/closure" : this.#path("closure");
  }

  // Ceilings: the group that everything of the account, or of its whole partner, must also be inside of.

  ceilings(options) {
    return this.#get(this.#path("ceiling"), {}, options);
  }

  setCeiling(group, ofPartner, dryRun, options) {
    const body = ofPartner ? { account_id: this.account.subUser ?? this.account.user, dial_time_id: group } : { dial_time_id: group };
    return this.#send("PUT", this.#ceiling(ofPartner, dryRun), body, {}, options);
  }

  removeCeiling(ofPartner, dryRun, options) {
    return this.#send("DELETE", this.#ceiling(ofPartner, dryRun), undefined, {}, options);
  }

  /** With `dryRun` it is only said what that would mean. */
  #ceiling(ofPartner, dryRun) {
    return `${ofPartner ? "agent-api/ceiling" : this.#path("ceiling")}${dryRun ? "?dry_run=true" : ""}`;
  }

  // Groups.

  groups(query, options) {
    return this.#get(this.#path("dial-time-group"), { ...query, task_count: true }, options);
  }

  group(id, options) {
    return this.#get(this.#path(`dial-time-group/${id}`), {}, options);
  }

  saveGroup(group, key) {
    return this.#send("POST", this.#path("dial-time-group"), group, { "Idempotency-Key": key });
  }

  updateGroup(id, change, version) {
    return this.#send("PUT", this.#path(`dial-time-group/${id}`), change, { "If-Match": `"${version}"` });
  }

  deleteGroup(id, version) {
    return this.#send("DELETE", this.#path(`dial-time-group/${id}`), null, { "If-Match": `"${version}"` });
  }

  replaceGroup(id, by, version) {
    return this.#send("POST", this.#path(`dial-time-group/${id}/replace`), { with: by }, { "If-Match": `"${version}"` });
  }

  overrideGroup(id, over) {
    return this.#send("PUT", this.#path(`dial-time-group/${id}/override`), over);
  }

  endOverride(id) {
    return this.#send("DELETE", this.#path(`dial-time-group/${id}/override`));
  }

  groupVersions(id, query, options) {
    return this.#get(this.#path(`dial-time-group/${id}/version`), query, options);
  }

  groupVersion(id, version, options) {
    return this.#get(this.#path(`dial-time-group/${id}/version/${version}`), {}, options);
  }

  /** Makes a group again what it was in `version`, if it is still `present`. */
  restoreGroup(id, version, present) {
    return this.#send("POST", this.#path(`dial-time-group/${id}/version/${version}/restore`), null, { "If-Match": `"${present}"` });
  }

  // Many at once, all or none; with `dryRun` it is only said what that would mean.

  bulkAddExceptions(edit, dryRun, options) {
    return this.#bulk("exception", edit, dryRun, options);
  }

  bulkMove(edit, dryRun, options) {
    return this.#bulk("move", edit, dryRun, options);
  }

  bulkPause(edit, dryRun, options) {
    return this.#bulk("pause", edit, dryRun, options);
  }

  bulkResume(edit, options) {
    return this.#bulk("resume", edit, false, options);
  }

  #bulk(what, edit, dryRun, options) {
    return this.#send("POST", this.#path(`bulk/${what}${dryRun ? "?dry_run=true" : ""}`), edit, {}, options);
  }

  previewGroup(group, options) {
    return this.#send("POST", this.#path("dial-time-group/preview"), group, {}, options);
  }

  /** The zone of the server, which is that of a group that names none. */
  async serverZone(options) {
    return (await this.serverCalendar({}, options)).timezone;
  }

  /** The days from `from` to `to` on the server's clock, with nothing in them; left out, the next four weeks. */
  async serverCalendar(days, options) {
    const { data } = await this.previewGroup({ name: "-", content: [], is_default: false, skip_holiday: false, ...days }, options);
    return data.calendar;
  }

  groupTasks(id, query, options) {
    return this.#get(this.#path(`dial-time-group/${id}/task`), query, options);
  }

  groupCalendar(id, query, options) {
    return this.#get(this.#path(`dial-time-group/${id}/calendar`), query, options);
  }

  /** What holds of every group of the account and its sub-users, span by span, in the next four weeks. */
  overview(query, options) {
    return this.#get(this.#path("overview"), query, options);
  }

  groupDecision(id, at, options) {
    return this.#get(this.#path(`dial-time-group/${id}/decision`), { at }, options);
  }

  holidayCalendars(options) {
    return this.#get("agent-api/holiday-calendar", {}, options);
  }

  // The holiday calendars that an account may follow: its own, and those of others, which it cannot change.

  calendars(query, options) {
    return this.#get(this.#path("holiday-calendar"), query, options);
  }

  calendar(id, query, options) {
    return this.#get(this.#path(`holiday-calendar/${encodeURIComponent(id)}`), query, options);
  }

  /** Sends a file of holidays for a calendar, or for a new one; the server sees from the file what it is. */
  importHolidays(id, file, query, options = {}) {
    const headers = this.#headers({ "Content-Type": "text/calendar" });
    const address = this.#address(this.#path(id === null ? "holiday-calendar" : `holiday-calendar/${id}/import`), query);
    return this.#request(address, { method: "POST", headers, body: file, signal: options.signal });
  }

  /** What the events of an iCalendar file come to as exceptions of a group, as it is stored; nothing is changed. */
  importEvents(id, file, query, options = {}) {
    const headers = this.#headers({ "Content-Type": "text/calendar" });
    const address = this.#address(this.#path(`dial-time-group/${id}/exception/import`), { ...query, dry_run: true });
    return this.#request(address, { method: "POST", headers, body: file, signal: options.signal });
  }

  setHoliday(id, date, day) {
    return this.#send("PUT", this.#path(`holiday-calendar/${id}/day/${date}`), day);
  }

  removeHoliday(id, date) {
    return this.#send("DELETE", this.#path(`holiday-calendar/${id}/day/${date}`));
  }

  followAddress(id, feed) {
    return this.#send("PUT", this.#path(`holiday-calendar/${id}/feed`), feed);
  }

  unfollowAddress(id) {
    return this.#send("DELETE", this.#path(`holiday-calendar/${id}/feed`));
  }

  deleteCalendar(id) {
    return this.#send("DELETE", this.#path(`holiday-calendar/${id}`));
  }

  /** Decisions in the order of the queries, about now where they name no instant; null where there is none, for the thing is gone. */
  async decisions(queries, options) {
    const sentAt = Date.now();
    const answer = await this.#send("POST", this.#path("decisions"), { queries }, {}, options);
    const decisions = answer.data.map(({ status, data }) => (status === "success" ? data : null));
    const any = decisions.find(Boolean);
    if (any && !queries[0].at) learnTime(any.at, (sentAt + Date.now()) / 2);
    return decisions;
  }

  taskDecision(id, at, options) {
    return this.#get(this.#path(`task/${id}/decision`), { at }, options);
  }

  /** What was dialed on a day, and what is dialed now. */
  dialedDay(query, options) {
    return this.#get(this.#path("stat"), query, options);
  }

  /** Has numbers called as if they had never been: those with one of these statuses. */
  resetNumbers(task, status) {
    return this.#send("PUT", this.#path(`task/${task}/number-batch-reset`), { status });
  }

  runningProgress(query, options) {
    return this.#get(this.#path("progress"), query, options);
  }

  /** The calls that are under way. */
  calls(query, options) {
    return this.#get(this.#path("call"), query, options);
  }

  /** Hangs up on a call. */
  hangUp(id) {
    return this.#send("POST", this.#path(`call/${id}/hang-up`));
  }

  taskProgress(id, options) {
    return this.#get(this.#path(`task/${id}/progress`), {}, options);
  }

  // Tasks. Those of either generation can be read and changed through the 2.0 addresses.

  tasks(query, options) {
    return this.#get(this.#path("task"), { ...query, generation: "all" }, options);
  }

  task(id, options) {
    return this.#get(this.#newPath(`task/${id}/edit`), {}, options);
  }

  startTask(id) {
    return this.#send("PUT", this.#newPath(`task_start/${id}`));
  }

  stopTask(id) {
    return this.#send("PUT", this.#newPath(`task_stop/${id}`));
  }

  /** Lets a task dial in another group; what the API asks for beside that stays as it is. */
  async moveTask(id, groupId) {
    const { data: task } = await this.task(id);
    const { name, destination_extension, maximumcall, bridge_group_id } = task;
    const change = { name, dial_time_id: groupId, destination_extension, maximumcall, bridge_group_id };
    return this.#send("PUT", this.#newPath(`task/${id}`), change);
  }

  // Numbers.

  numbers(task, query, options) {
    return this.#get(this.#path(`task/${task}/number`), query, options);
  }

  addNumbers(task, numbers) {
    return this.#send("POST", this.#path(`task/${task}/number`), numbers);
  }

  deleteNumbers(task, phones) {
    return this.#send("DELETE", this.#path(`task/${task}/number-batch-delete`), { customer_info_list: phones.map((phone) => ({ phone })) });
  }

  imports(task, query, options) {
    return this.#get(this.#path(`task/${task}/number-import`), query, options);
  }

  import(task, id, options) {
    return this.#get(this.#path(`task/${task}/number-import/${id}`), {}, options);
  }

  /** Sends a file of numbers; the server sees from the file what it is. */
  importNumbers(task, file, query, options = {}) {
    const headers = this.#headers({ "Content-Type": "text/csv" });
    const address = this.#address(this.#path(`task/${task}/number-import`), query);
    return this.#request(address, { method: "POST", headers, body: file, signal: options.signal });
  }

  cancelImport(task, id) {
    return this.#send("POST", this.#path(`task/${task}/number-import/${id}/cancel`));
  }

  /** The rows of an import that were not taken, as CSV. */
  async refusedRows(task, id, options = {}) {
    const address = this.#address(this.#path(`task/${task}/number-import/${id}/refused`), {});
    const response = await reach(address, { headers: this.#headers({}), signal: options.signal });
    if (response.headers.get("Content-Type")?.startsWith("text/csv")) return response.text();
    await answerOf(response);
    throw new Refusal(response.status, response.statusText);
  }

  // Lines belong to the partner; users have shares of them.

  lines(query, options) {
    return this.#get("agent-api/line", query, options);
  }

  lineActivity(query, options) {
    return this.#get("agent-api/line-activity", query, options);
  }

  lineGroups(query, options) {
    return this.#get("agent-api/line-group", query, options);
  }

  line(id, options) {
    return this.#get(`agent-api/line/${id}`, {}, options);
  }

  /** What answers of carriers mean where a line says nothing else. */
  defaultCauses(options) {
    return this.#get("agent-api/default-cause-map", {}, options);
  }

  createLine(line, key) {
    return this.#send("POST", "agent-api/line", line, { "Idempotency-Key": key });
  }

  updateLine(id, change, version) {
    return this.#send("PUT", `agent-api/line/${id}`, change, { "If-Match": `"${version}"` });
  }

  deleteLine(id, version) {
    return this.#send("DELETE", `agent-api/line/${id}`, null, { "If-Match": `"${version}"` });
  }

  lineShares(id, query, options) {
    return this.#get(`agent-api/line/${id}/allocation`, query, options);
  }

  shareLine(user, id, share) {
    return this.#send("POST", `agent-api/new/user/${user}/line/${id}`, share);
  }

  unshareLine(user, shareId) {
    return this.#send("DELETE", `agent-api/new/user/${user}/line/${shareId}`);
  }

  // Records.

  records(query, options) {
    return this.#get(this.#path("record"), query, options);
  }

  record(task, id, options) {
    return this.#get(this.#path(`task/${task}/detail/${id}`), {}, options);
  }

  trace(id, options) {
    return this.#get(this.#path(`record/${id}/trace`), {}, options);
  }

  evidence(id, options) {
    return this.#get(this.#path(`record/${id}/evidence`), {}, options);
  }

  callResult(id, options) {
    return this.#get(this.#path(`record/${id}/result`), {}, options);
  }

  script(id, options) {
    return this.#get(this.#path(`script/${id}`), {}, options);
  }

  scripts(query, options) {
    return this.#get(this.#path("script"), query, options);
  }

  createScript(script) {
    return this.#send("POST", this.#path("script"), script);
  }

  updateScript(id, change, version) {
    return this.#send("PUT", this.#path(`script/${id}`), change, { "If-Match": `"${version}"` });
  }

  deleteScript(id, version) {
    return this.#send("DELETE", this.#path(`script/${id}`), null, { "If-Match": `"${version}"` });
  }

  prompts(query, options) {
    return this.#get(this.#path("prompt"), query, options);
  }

  uploadPrompt(name, file, options = {}) {
    const headers = this.#headers({ "Content-Type": "audio/wav" });
    return this.#request(this.#address(this.#path("prompt"), { name }), { method: "POST", headers, body: file, signal: options.signal });
  }

  deletePrompt(id, version) {
    return this.#send("DELETE", this.#path(`prompt/${id}`), null, { "If-Match": `"${version}"` });
  }

  /** A prompt's file, as calls play it. */
  async promptAudio(id, options = {}) {
    const response = await reach(this.#address(this.#path(`prompt/${id}/audio`), {}), { headers: this.#headers({}), signal: options.signal });
    if (response.headers.get("Content-Type")?.startsWith("audio/")) return response.arrayBuffer();
    await answerOf(response);
    throw new Refusal(response.status, response.statusText);
  }

  /** Where the file of a recording is for a while, and until when: whoever has the address needs no token. */
  async recordingFile(task, id, options) {
    const { data } = await this.#get(this.#path(`task/${task}/record/${id}/download-full-voice`), {}, options);
    // The server may name itself otherwise than the page was opened.
    const path = /\/recordings\/[^/]+\/[^/]+$/.exec(data.url)[0];
    return { address: new URL(path.slice(1), ROOT).href, expires: Date.parse(data.expires_at) };
  }

  /** A file at an address that needs no token, as it comes. */
  async openFile(address, { signal }) {
    const response = await reach(address, { signal });
    if (!response.ok) throw new Refusal(response.status, response.statusText);
    return response.body;
  }

  /** A part of such a file, from one byte up to another. */
  async filePart(address, from, to, { signal }) {
    const response = await reach(address, { signal, headers: { Range: `bytes=${from}-${to - 1}` } });
    if (response.status !== 206) throw new Refusal(response.status, response.statusText);
    return new Uint8Array(await response.arrayBuffer());
  }

  /** Records as CSV: the file and its name. */
  async exportRecords(query, options = {}) {
    const response = await reach(this.#address(this.#path("record/export"), query), { headers: this.#headers({}), signal: options.signal });
    if (!response.headers.get("Content-Type")?.startsWith("text/csv")) {
      await answerOf(response);
      throw new Refusal(response.status, response.statusText);
    }
    const name = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition"))?.[1] ?? "records.csv";
    try {
      return { file: await response.blob(), name };
    } catch (error) {
      // The server broke off: a part must not be taken for the whole.
      throw error.name === "AbortError" ? error : new Refusal(CODE.unreachable, "");
    }
  }

  // The audit log, events and webhooks.

  audit(query, options) {
    return this.#get(this.#path("audit"), query, options);
  }

  events(query, options) {
    return this.#get(this.#path("events"), query, options);
  }

  /** The open connection on which events come as they happen. */
  async eventStream({ signal }) {
    const headers = this.#headers({ Accept: "text/event-stream" });
    const response = await fetch(this.#address(this.#path("events"), {}), { headers, signal });
    // A refusal is JSON, whatever status the operator has refusals carry.
    if (!response.headers.get("Content-Type")?.startsWith("text/event-stream")) {
      await answerOf(response);
      throw new Refusal(response.status, response.statusText);
    }
    return response.body;
  }

  webhooks(options) {
    return this.#get(this.#path("webhook"), {}, options);
  }

  /** Which events of calls are written before they end. */
  callEvents(options) {
    return this.#get(this.#path("call-events"), {}, options);
  }

  setCallEvents(types) {
    return this.#send("PUT", this.#path("call-events"), { call_events: types });
  }

  createWebhook(webhook) {
    return this.#send("POST", this.#path("webhook"), webhook);
  }

  updateWebhook(id, change) {
    return this.#send("PUT", this.#path(`webhook/${id}`), change);
  }

  deleteWebhook(id) {
    return this.#send("DELETE", this.#path(`webhook/${id}`));
  }

  testWebhook(id) {
    return this.#send("POST", this.#path(`webhook/${id}/test`));
  }

  rotateWebhookSecret(id) {
    return this.#send("POST", this.#path(`webhook/${id}/rotate-secret`));
  }

  deliveries(id, query, options) {
    return this.#get(this.#path(`webhook/${id}/delivery`), query, options);
  }

  #path(rest) {
    return `agent-api/user/${this.account.user}/${rest}`;
  }

  #newPath(rest) {
    return `agent-api/new/user/${this.account.user}/${rest}`;
  }

  #address(path, query) {
    const address = new URL(path, ROOT);
    const all = OF_ACCOUNTS.test(path) ? { ...query, sub_user_id: this.account?.subUser } : query;
    for (const [name, value] of Object.entries(all)) {
      if (Array.isArray(value)) value.forEach((each) => address.searchParams.append(`${name}[]`, each));
      else if (value !== undefined && value !== null && value !== "") address.searchParams.set(name, value);
    }
    return address;
  }

  #headers(headers) {
    return { Authorization: `Bearer ${this.token}`, "Accept-Language": language(), ...headers };
  }

  #get(path, query, options = {}) {
    return this.#request(this.#address(path, query), { headers: this.#headers({}), signal: options.signal });
  }

  #send(method, path, body = null, headers = {}, options = {}) {
    const all = this.#headers({ "Content-Type": "application/json", ...headers });
    const text = body === null ? undefined : JSON.stringify(body);
    return this.#request(this.#address(path, {}), { method, headers: all, body: text, signal: options.signal });
  }

  async #request(address, init) {
    for (let tries = 1; ; tries++) {
      const response = await reach(address, init);
      try {
        return await answerOf(response);
      } catch (error) {
        if (error.code !== CODE.tooManyRequests || tries === PATIENT_TRIES) throw error;
        await sleep(1000 * (Number(response.headers.get("Retry-After")) || 1));
      }
    }
  }
}
