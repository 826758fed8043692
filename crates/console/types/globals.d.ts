// What the page's modules are checked against: the API's answers, questions and bodies, by the ids of its operations, and what the
// elements of the page are given. `openapi.d.ts` is made of openapi.json by scripts/check-page.

import type { components, operations } from "./openapi.js";
import type { Faults as PlacedFaults } from "./parts/faults.js";
import type { Feed } from "./feed.js";
import type { parse } from "./route.js";
import type { Playback } from "./playback.js";

type Content<Part> = Part extends { content: { "application/json": infer Held } } ? Held : never;
type Held<Part, Name> = Name extends keyof Part ? Part[Name] : never;

declare global {
  type Schemas = components["schemas"];

  type Operation = keyof operations;
  /** What an operation asks in its address. */
  type Query<Id extends Operation> = NonNullable<operations[Id]["parameters"]["query"]>;
  /** What is sent to it. */
  type Sent<Id extends Operation> = Content<operations[Id]["requestBody"]>;
  /** The `data` of what it answers, and the `meta` of every page of a list. */
  type Data<Id extends Operation> = Held<Content<Held<operations[Id]["responses"], 200>>, "data">;
  type Meta = Schemas["GroupPage"]["meta"];
  type Answer<Id extends Operation> = Promise<{ data: Data<Id>; meta?: Meta }>;
  /** What a request is sent with beside that; a view has it. */
  type Options = { signal?: AbortSignal };

  type Account = { user: string; subUser: string | null };
  type Route = ReturnType<typeof parse>;
  type Group = Data<"group_detail">;
  type Task = Data<"list_tasks">[number];
  type TasksOfGroup = Awaited<Answer<"group_tasks">>;
  type Decision = Data<"group_decision">;
  type GroupVersion = Data<"list_group_versions">[number];
  type Actor = GroupVersion["saved_by"];
  type AuditedChange = Data<"list_audit">[number];
  type Webhook = Data<"list_webhooks">[number];
  type Delivery = Data<"webhook_deliveries">[number];
  type TaskNumber = Data<"list_numbers">[number];
  type HolidayCalendar = Data<"account_calendar">;
  type Line = Data<"list_partner_lines">[number];
  type Script = Data<"list_scripts">[number];
  type StepRow = import("./script-draft.js").StepRow;
  type CauseRow = import("./parts/cause-map.js").CauseRow;
  type DefaultCause = Data<"default_cause_map">[number];
  type LiveCall = Data<"list_calls">[number];
  type CallRecord = Data<"list_records">[number];
  type Stop = Data<"list_stops">[number];
  type PlannedClosure = Data<"list_closures">[number];
  type Ceiling = Data<"list_ceilings">[number];
  /** How much a ceiling closes now. */
  type ClosedByCeiling = { name: string; groups: number; tasks: number };
  type Token = Data<"token_validity">;
  type AccountEvent = Data<"events">["events"][number];

  /** The public API as the page speaks it: see api.js. */
  interface AccountApi {
    for(account: Account): AccountApi;
    tokenValidity(options?: Options): Answer<"token_validity">;
    users(query: Query<"list_users">, options?: Options): Answer<"list_users">;
    subUsers(user: string, query: Query<"list_sub_users">, options?: Options): Answer<"list_sub_users">;
    stops(query: Query<"list_stops">, options?: Options): Answer<"list_stops">;
    stopDialing(what: Sent<"stop_dialing">): Answer<"stop_dialing">;
    resumeDialing(what: Sent<"resume_dialing">): Answer<"resume_dialing">;
    closures(query: Query<"list_closures">, options?: Options): Answer<"list_closures">;
    planClosure(closure: Sent<"plan_closure">, key: string, ofPartner: boolean): Answer<"plan_closure">;
    revokeClosure(id: string, ofPartner: boolean): Answer<"revoke_closure">;
    ceilings(options?: Options): Answer<"list_ceilings">;
    setCeiling(group: number, ofPartner: boolean, dryRun: boolean, options?: Options): Answer<"set_ceiling">;
    removeCeiling(ofPartner: boolean, dryRun: boolean, options?: Options): Answer<"remove_ceiling">;
    groups(query: Query<"list_groups">, options?: Options): Answer<"list_groups">;
    group(id: number | string, options?: Options): Answer<"group_detail">;
    saveGroup(group: Sent<"save_group">, key: string): Answer<"save_group">;
    updateGroup(id: number, change: Sent<"update_group">, version: number): Answer<"update_group">;
    deleteGroup(id: number, version: number): Answer<"delete_group">;
    replaceGroup(id: number, by: number, version: number): Answer<"replace_group">;
    overrideGroup(id: number, over: Sent<"override_group">): Answer<"override_group">;
    endOverride(id: number): Answer<"end_group_override">;
    groupVersions(id: number | string, query: Query<"list_group_versions">, options?: Options): Answer<"list_group_versions">;
    groupVersion(id: number | string, version: number | string, options?: Options): Answer<"group_version">;
    restoreGroup(id: number | string, version: number, present: number): Answer<"restore_group_version">;
    bulkAddExceptions(edit: Sent<"bulk_add_exceptions">, dryRun: boolean, options?: Options): Answer<"bulk_add_exceptions">;
    bulkMove(edit: Sent<"bulk_move_tasks">, dryRun: boolean, options?: Options): Answer<"bulk_move_tasks">;
    bulkPause(edit: Sent<"bulk_pause_tasks">, dryRun: boolean, options?: Options): Answer<"bulk_pause_tasks">;
    bulkResume(edit: Sent<"bulk_resume_tasks">, options?: Options): Answer<"bulk_resume_tasks">;
    previewGroup(group: Sent<"preview_group">, options?: Options): Answer<"preview_group">;
    calendars(query: Query<"list_account_calendars">, options?: Options): Answer<"list_account_calendars">;
    calendar(id: string, query: Query<"account_calendar">, options?: Options): Answer<"account_calendar">;
    importHolidays(id: string | null, file: File, query: any, options?: Options): Answer<"import_holidays">;
    importEvents(id: number, file: File, query: { effect: "add" | "close"; from: string; to: string }, options?: Options): Answer<"import_events">;
    setHoliday(id: string, date: string, day: Sent<"set_holiday">): Answer<"set_holiday">;
    removeHoliday(id: string, date: string): Answer<"remove_holiday">;
    followAddress(id: string, feed: Sent<"follow_address">): Answer<"follow_address">;
    unfollowAddress(id: string): Answer<"unfollow_address">;
    deleteCalendar(id: string): Answer<"delete_account_calendar">;
    serverZone(options?: Options): Promise<string>;
    serverCalendar(days: { from?: string; to?: string }, options?: Options): Promise<Data<"group_calendar">>;
    groupTasks(id: number | string, query: Query<"group_tasks">, options?: Options): Answer<"group_tasks">;
    groupCalendar(id: number | string, query: Query<"group_calendar">, options?: Options): Answer<"group_calendar">;
    overview(query: Query<"overview">, options?: Options): Answer<"overview">;
    groupDecision(id: number | string, at: string | null, options?: Options): Answer<"group_decision">;
    taskDecision(id: string, at: string | null, options?: Options): Answer<"task_decision">;
    calls(query: Query<"list_calls">, options?: Options): Answer<"list_calls">;
    resetNumbers(task: string, status: number[]): Answer<"reset_numbers">;
    dialedDay(query: Query<"dialed_day">, options?: Options): Answer<"dialed_day">;
    runningProgress(query: Query<"list_progress">, options?: Options): Answer<"list_progress">;
    taskProgress(id: string, options?: Options): Answer<"task_progress">;
    holidayCalendars(options?: Options): Answer<"list_holiday_calendars">;
    decisions(queries: Sent<"decisions">["queries"], options?: Options): Promise<(Decision | null)[]>;
    // One status is read as a list of one.
    tasks(query: Omit<Query<"list_tasks">, "status"> & { status?: string }, options?: Options): Answer<"list_tasks">;
    task(id: string, options?: Options): Answer<"new_task_detail">;
    numbers(task: string, query: any, options?: Options): Answer<"list_numbers">;
    addNumbers(task: string, numbers: any): Answer<"add_numbers">;
    deleteNumbers(task: string, phones: string[]): Answer<"delete_numbers">;
    imports(task: string, query: any, options?: Options): Answer<"list_number_imports">;
    import(task: string, id: string, options?: Options): Answer<"number_import_detail">;
    importNumbers(task: string, file: File, query: any, options?: Options): Answer<"import_numbers">;
    cancelImport(task: string, id: string): Answer<"cancel_number_import">;
    refusedRows(task: string, id: string, options?: Options): Promise<string>;
    lines(query: Query<"list_partner_lines">, options?: Options): Answer<"list_partner_lines">;
    lineActivity(query: Query<"line_activity">, options?: Options): Answer<"line_activity">;
    lineGroups(query: Query<"list_line_groups">, options?: Options): Answer<"list_line_groups">;
    line(id: string, options?: Options): Answer<"line_detail">;
    defaultCauses(options?: Options): Answer<"default_cause_map">;
    createLine(line: any, key: string): Answer<"create_line">;
    updateLine(id: string, change: any, version: number): Answer<"update_line">;
    deleteLine(id: string, version: number): Answer<"delete_line">;
    lineShares(id: string, query: any, options?: Options): Answer<"line_allocations">;
    shareLine(user: string, id: string, share: any): Answer<"allocate_line">;
    unshareLine(user: string, shareId: number): Answer<"deallocate_line">;
    // One status is asked for, as text.
    records(query: any, options?: Options): Answer<"list_records">;
    record(task: string, id: string, options?: Options): Answer<"record_detail">;
    evidence(id: string, options?: Options): Answer<"record_evidence">;
    trace(id: string, options?: Options): Answer<"record_trace">;
    callResult(id: string, options?: Options): Answer<"call_result">;
    hangUp(id: string): Answer<"hang_up_call">;
    recordingFile(task: string, id: string, options?: Options): Promise<{ address: string; expires: number }>;
    filePart(address: string, from: number, to: number, options: Options): Promise<Uint8Array>;
    openFile(address: string, options: Options): Promise<ReadableStream<Uint8Array>>;
    exportRecords(query: any, options?: Options): Promise<{ file: Blob; name: string }>;
    script(id: number | string, options?: Options): Answer<"script_detail">;
    scripts(query: Query<"list_scripts">, options?: Options): Answer<"list_scripts">;
    createScript(script: any): Answer<"save_script">;
    updateScript(id: number, change: any, version: number): Answer<"update_script">;
    deleteScript(id: number, version: number): Answer<"delete_script">;
    prompts(query: Query<"list_prompts">, options?: Options): Answer<"list_prompts">;
    uploadPrompt(name: string, file: File, options?: Options): Answer<"create_prompt">;
    deletePrompt(id: string, version: number): Answer<"delete_prompt">;
    promptAudio(id: string, options?: Options): Promise<ArrayBuffer>;
    startTask(id: string): Answer<"start_new_task_put">;
    stopTask(id: string): Answer<"stop_new_task_put">;
    moveTask(id: string, groupId: number): Answer<"modify_new_task">;
    audit(query: any, options?: Options): Answer<"list_audit">;
    events(query: Query<"events">, options?: Options): Answer<"events">;
    eventStream(options: Options): Promise<ReadableStream>;
    webhooks(options?: Options): Answer<"list_webhooks">;
    callEvents(options?: Options): Answer<"call_events">;
    setCallEvents(types: Sent<"set_call_events">["call_events"]): Answer<"set_call_events">;
    createWebhook(webhook: Sent<"create_webhook">): Answer<"create_webhook">;
    updateWebhook(id: string, change: Sent<"update_webhook">): Answer<"update_webhook">;
    deleteWebhook(id: string): Answer<"delete_webhook">;
    testWebhook(id: string): Answer<"test_webhook">;
    rotateWebhookSecret(id: string): Answer<"rotate_webhook_secret">;
    deliveries(id: string, query: Query<"webhook_deliveries">, options?: Options): Answer<"webhook_deliveries">;
  }

  /** A window, and an exception, as rows of the page: see week.js and group-draft.js. */
  type WindowRow = { key: number; week: number; begin_time: string; end_time: string };
  type Exception = Group["exceptions"][number];
  /** Which of the days within its dates an exception is about. */
  type ExceptionDays = Required<Pick<Exception, "on">> & Pick<Exception, "week" | "nth" | "month">;
  type ExceptionRow = Required<Pick<Exception, "name" | "effect">> & Pick<Exception, "begin_date" | "end_date"> & { key: number; days: ExceptionDays; windows: WindowRow[] };
  type Setting = "name" | "is_default" | "skip_holiday" | "timezone" | "holiday_calendars" | "holiday_policy" | "makeup_policy" | "beyond_horizon";
  type Settings = Pick<Group, Setting>;
  type SeasonRow = { key: number; kind: "dates" | "weeks"; name: string; begin_date: string; end_date: string; every_weeks: string; anchor_date: string; windows: WindowRow[] };
  type Draft = Settings & { windows: WindowRow[]; exceptions: ExceptionRow[]; seasons: SeasonRow[]; holiday_windows: WindowRow[] };

  /** An edit of a group that made version `after` of `before`. */
  type GroupEdit = { id: number; name: string; before: number; after: number };
  /** What was done to several, in words, and its parts: taking one back gives the names of those that someone has changed since. */
  type BulkEdit = { said: () => string; parts: { count: number; takeBack: () => Promise<string[]> }[] };

  /** Everything that `define` makes a property of some element: each has a few of them. */
  interface ElementProperties {
    api: AccountApi;
    account: Account;
    feed: Feed;
    route: Route;
    group: Group;
    groups: Group[];
    /** How many there are of a list in all. */
    total: number;
    /** Rows of a list; or the first of so many. */
    tasks: any;
    closures: PlannedClosure[];
    closure: PlannedClosure;
    ceilings: ClosedByCeiling[];
    done: BulkEdit;
    windows: WindowRow[];
    exceptions: ExceptionRow[];
    seasons: SeasonRow[];
    faults: PlacedFaults;
    draft: Draft;
    task: any;
    calendars: HolidayCalendar[];
    /** The id of a holiday calendar; null of one that is to be made. */
    calendar: string | null;
    /** The windows as the server has them. */
    before: WindowRow[];
    chosen: number;
    numbers: Data<"task_progress">["numbers"];
    tool: string;
    fresh: boolean;
    /** The wall clock of a zone, as an instant without an offset. */
    now: string;
    except: number;
    label: string;
    /** Whether the person asked for it. */
    asked: boolean;
    until: string;
    zone: string;
    why: string;
    /** That of the account. */
    name: string;
    token: Token;
    line: Line;
    record: Data<"record_detail">;
    result: Data<"call_result">;
    playback: Playback;
    /** When a recording begins. */
    begins: string;
    /** Whether it only shows. */
    fixed: boolean;
    /** What is to be stopped, where that is not to be chosen. */
    whom: { level: string; line_id?: string; name?: string } | null;
    /** The steps of a script in the editor. */
    steps: StepRow[];
    prompts: { id: string; name: string }[];
    /** Of which one is chosen; null: they are not known. */
    lines: { id: string; name: string }[] | null;
    /** What the server found wrong, as it said it. */
    told: { field: string; message: string }[];
    /** The rules of a line's cause map in the editor, and those that hold where none of them does. */
    rules: CauseRow[];
    defaults: DefaultCause[];
    /** Whether ids are shown, for whoever writes them into something. */
    named: boolean;
    changed?(property: string, before: unknown): void;
  }

  // What the page knows of itself and the standard types do not say.

  /** Every element of the page is one of HTML or SVG. */
  interface Element extends HTMLOrSVGElement {}
  interface HTMLElementTagNameMap {
    "group-page": HTMLElement & { unsaved: boolean };
    "group-settings": HTMLElement & { open(): void };
    "row-player": HTMLElement & { toggle(): void };
    "window-popover": HTMLElement & { drawNow(): void };
  }
  /** No form of the page has files. */
  interface FormData {
    get(name: string): any;
    getAll(name: string): any[];
  }
  /** The page's own events are of any type. */
  interface EventTarget {
    addEventListener(type: string, listener: (event: any) => void, options?: AddEventListenerOptions): void;
  }
  interface DocumentEventMap {
    language: Event;
    "token-refused": CustomEvent;
  }
  interface PromiseRejectedResult {
    value?: undefined;
  }
  interface ObjectConstructor {
    fromEntries(entries: Iterable<readonly any[]>): any;
  }
}
