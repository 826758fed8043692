//! The platform's nouns and their rules: partners, accounts, dial time groups, tasks, and what is wrong with
//! input that is refused.
//!
//! It is pure: it knows the [`calendar`] and the [`phone`] numbers, and nothing of HTTP, SQL, files, clocks or languages. The time and random bytes
//! come in through [`Clock`] and [`Random`].

mod account;
mod calendar_feed;
mod calendar_owner;
mod calendar_subscription;
mod call;
mod call_events;
mod ceiling;
mod conversation;
mod decision;
mod delimiter;
mod dial_time_group;
mod dialing;
mod do_not_call;
mod encoding_name;
mod erasure;
mod event;
mod fault;
mod followed_calendars;
mod group_override;
mod holiday_days;
mod holiday_import;
mod holidays;
mod http_url;
mod id;
mod idempotency;
mod line;
mod line_count;
mod line_rule;
mod loops;
mod network_address;
mod number;
mod number_callback;
mod number_import;
mod planned_closure;
mod present;
mod recording;
mod redial;
mod script;
mod source;
mod stated;
mod stop;
mod task;
mod text;
mod text_encoding;
mod token;
pub mod transition;
mod webhook;
mod western_text;

pub use account::{Account, AccountKind, NewAccount, PROFILE_CHARACTERS, Profile};
pub use calendar_feed::{
    CalendarFeed, FEED_FAILING_AFTER, FeedEntry, FeedFailing, FeedFailure, FeedFault, FeedOutcome,
    FeedSnapshot, FeedState, FeedVersion, STORED_ENTRIES, UnclearAs,
};
pub use calendar_owner::CalendarOwner;
pub use calendar_subscription::{CalendarSubscription, SubscriptionKeyHash};
pub use call::{
    AnsweredBy, Answerer, AnswererReason, Attempt, AttemptTimes, BlockedNumberSnapshot, CallEndSnapshot,
    CallHandle, CallInstruction, CallLeg, CallSnapshot, CallStage, CalledNumber, CalleeDetails, EndReason,
    EndedBy, HOUR, Hours, InstantRange, LegEnd, LineFault, LineHealthSnapshot, MOST_SENT_DIGITS,
    NetworkCause, NumberStatus, OutcomeClass, PressedKeys, QUARTER, ReachedStep, ReasonPhrase, SentDigits,
    hour_of, quarter_of,
};
pub use call_events::CallEvents;
pub use ceiling::{CeilingChange, CeilingSnapshot, CeilingTarget, GroupCeiling};
pub use conversation::{
    CallResult, Intention, LARGEST_SCORE, LONGEST_OFFSET, MAXIMUM_TAGS, MAXIMUM_TURNS, MOST_ROUNDS,
    NumberedTurn, Patch, RESULT_FIELDS_BYTES, ResultChange, ResultFields, ResultSnapshot, RoundsBand,
    SUMMARY_CHARACTERS, Score, Speaker, SpokenExchange, SpokenSpan, SpokenTurn, TRANSCRIPT_BYTES,
    TURN_CHARACTERS, TURN_TOLERANCE_MINUTES, Transcript, TurnTime, check_summary, exchanges, without_numbers,
};
pub use decision::{TaskDecision, TaskReason};
pub use delimiter::{delimiter, delimiter_line};
pub use dial_time_group::{CompiledGroup, DialTimeGroup, GroupChange, GroupDraft};
pub use dialing::{
    AttemptEnd, BEFORE_CLOSE, CallDeadlines, CallMilestones, DecidedAgain, DialingRate, Evidence,
    FAULTS_OF_A_TRY, FIRST_PAUSE_AFTER_FAULT, ForecastPoint, HELD, Hindered, LONGEST_PAUSE_AFTER_FAULT,
    LineReadiness, LineRoom, NumberAfter, NumberNext, NumberPlace, NumberProgress, Obstacle, OpenAttempt,
    Redialing, ToDial, call_deadlines, forecast, hindrance, rested_at,
};
pub use do_not_call::{
    DO_NOT_CALL_REASON_CHARACTERS, DO_NOT_CALL_SOURCE_CHARACTERS, DoNotCallEntry, LARGEST_DO_NOT_CALL_FILE,
    MAXIMUM_DO_NOT_CALL, MOST_DO_NOT_CALL_AT_ONCE, MOST_DO_NOT_CALL_ROWS, StoredDoNotCall, check_reason,
    check_source,
};
pub use encoding_name::TextEncoding;
pub use erasure::{ERASED, ErasedNumber, NumberToErase};
pub use event::{
    CalendarHorizon, Event, EventCause, EventDetail, EventKind, GroupSnapshot, LATE_AFTER, LoggedEvent,
    TaskSnapshot,
};
pub use fault::{
    AddressRule, AudioRule, Counted, Fault, FaultRule, Faults, HolidayFileRule, ResultRule, ScriptRule,
    ValueKind,
};
pub use followed_calendars::{FollowedCalendars, MOST_FOLLOWED_CALENDARS};
pub use group_override::{GroupOverride, OverrideEnd, OverrideOrder};
pub use holiday_days::years_with_day;
pub use holiday_import::{
    HolidayChange, HolidayImport, HolidayImportOptions, HolidayImportRefusal, holiday_changes,
    plan_holiday_import,
};
pub use holidays::{
    DEFAULT_HOLIDAY_CALENDAR, HolidayCalendars, MOST_ACCOUNT_CALENDARS, NEAR_HORIZON_DAYS, ThinYear,
    UNDOABLE_HOLIDAY_IMPORTS, is_near_horizon, thin_year,
};
pub use http_url::HttpUrl;
pub use id::{
    AccountId, AttemptId, CalendarSubscriptionId, ClosureId, DialTimeGroupId, ErasureId, GREATEST_INTEGER_ID,
    HolidayCalendarId, LegId, LineAllocationId, LineGroupId, LineId, NodeId, NumberCallbackId, NumberJobId,
    PartnerId, PromptId, RedialRuleId, ScriptId, TaskId, TokenId, WebhookId, check_integer_id,
};
pub use idempotency::IDEMPOTENCY_KEY_LIFETIME;
pub use line::{
    AllocationDraft, AllocationPrice, CallEnd, CallFacts, CallOutcome, CallRate, CallTrace, CallerIdPolicy,
    CallerIds, CallerNumber, CauseCondition, CauseMap, CauseOrigin, CauseRule, Codec, DEFAULT_FAILOVER,
    DEFAULT_RING_LIMIT, DEFAULT_T1X64, DESCRIPTION_CHARACTERS, DialDigits, FAILOVER_CLASSES, Line,
    LineAllocation, LineDraft, LineGroup, LineGroupDraft, LineKind, LineRecovery, LineRegistration,
    LineSecret, LineSettings, LineWarning, MAXIMUM_BOUND_SCRIPTS, MAXIMUM_CALLER_IDS, MAXIMUM_CAUSE_RULES,
    MAXIMUM_CHANNELS, MAXIMUM_CONCURRENCY, MAXIMUM_LINES_OF_GROUP, MAXIMUM_PREFIXES,
    MAXIMUM_SIMULATED_OUTCOMES, MAXIMUM_SIMULATION_RULES, MAXIMUM_SIP_ADDRESSES, MAXIMUM_SIP_HEADERS,
    MAXIMUM_TRACED_BYTES, MAXIMUM_TRACED_MESSAGES, NumberBase, NumberForm, NumberPattern, RING_LIMIT,
    RegistrationFailure, Seconds, SimulatedCall, SimulatedOutcome, Simulation, SimulationRule, SipAddress,
    SipHeader, SipHost, SipIdentity, SipTransport, SipTrunk, SipUser, T1X64, TRACES_KEPT, TraceKeeping,
    TracedMessage, TransferLine, WeightedOutcome, between_starts,
};
pub use line_count::LineCount;
pub use line_rule::LineRule;
pub use loops::{LoopStatus, Loops};
pub use network_address::is_public_address;
pub use number::{
    DetailText, EmptiedDetail, MAXIMUM_ASYNC_BATCH, MAXIMUM_BATCH, MAXIMUM_NAMED_NUMBERS, MOST_LOOKED_AT,
    MOST_RESET_AT_ONCE, NewNumber, NumberDetails, NumberKey, NumberSelection, NumberState, SORT_BOUNDS,
    TaskNumber, VARIABLES_BYTES, check_variables, may_edit_numbers, random_suffix,
};
pub use number_callback::{
    NUMBER_CALLBACKS_KEPT, NumberCallback, NumberCallbackSnapshot, NumberChange, NumberFileKey,
};
pub use number_import::{
    ColumnPlan, DUPLICATE_ROWS_KEPT, FileColumn, FilePlace, IMPORT_CHUNK, IMPORTS_KEPT, INTERRUPTED_AFTER,
    ImportCounts, ImportDuplicates, ImportFailure, ImportField, ImportOptions, ImportOutcome, ImportRow,
    ImportState, ImportSummary, LARGEST_SPREADSHEET, MAXIMUM_RUNNING_IMPORTS, MOST_COLUMNS,
    REFUSED_ROW_CHARACTERS, REFUSED_ROWS_KEPT, ROW_BYTES, RefusedRow, RowRefusal, columns_of_members,
    import_state, name_of_two, number_of_members,
};
pub use planned_closure::{ClosureSnapshot, ClosureTarget, MAXIMUM_PLANNED_CLOSURES, PlannedClosure};
pub use present::{Deadline, Present, SteadyClock};
pub use recording::{
    DEFAULT_RECORDING_RETENTION_DAYS, RECORDING_ADDRESS_LIFETIME, RECORDING_RETENTION_DAYS, Recording,
    RecordingOrder, RecordingPlace, RecordingSnapshot, RecordingSpan, RecordingState,
};
pub use redial::{
    AfterTry, LONGEST_REDIAL_INTERVAL, MAXIMUM_REDIAL_RULES, MOST_REDIALS, NEVER_REDIALED, RedialRule,
    RedialRuleDraft, StoredRedialRule, Tries,
};
pub use script::{
    AttemptBots, Bot, BotCapacity, BotCondition, BotConnect, BotFault, BotFaultKind, BotHealthSnapshot,
    BotObstacle, BotOfCall, BotOfScript, BotReconnects, BotSecret, BotSecrets, BotState, BotStep, BotUrl,
    BotWeight, Bounded, DEFAULT_BOT_RECONNECTS, DEFAULT_FIRST_KEY, DEFAULT_NEXT_KEY, DEFAULT_TRANSFER_RING,
    DEFAULT_VISITS, DigitBranch, DigitCount, DigitPattern, EnteredStep, GatherStep, GatheredKeys,
    GreetingTiming, KeySeconds, LABEL_CHARACTERS, LARGEST_PROMPT_FILE, LONGEST_BOT_SECRET, LONGEST_BOT_URL,
    LONGEST_PROMPT, ListeningTiming, MAXIMUM_BOTS, MAXIMUM_BRANCHES, MAXIMUM_PROMPT_SECONDS, MAXIMUM_PROMPTS,
    MAXIMUM_SCRIPTS, MAXIMUM_SCRIPTS_OF_TASK, MAXIMUM_STEPS, MAXIMUM_VARIABLES, MOST_DIGITS, MachineHandling,
    MachineTimings, OnMachine, PROMPT_RATE, PauseTiming, PlayStep, Prompt, PromptAudio, Script, ScriptBots,
    ScriptCommand, ScriptDraft, ScriptEnd, ScriptFlow, ScriptRun, ScriptStep, SecretChanges, StepAction,
    StepKind, StepLabel, TaskScripts, TransferAddress, TransferExtension, TransferRing, TransferStep,
    TransferTarget, VARIABLE_CHARACTERS, VARIABLE_NAME_CHARACTERS, VerdictTiming, Visits, WordCount,
    WordTiming, changed_secrets,
};
pub use source::{CLOCK_BOUND, Clock, ClockDifference, Random};
pub use stated::{REASON_CHARACTERS, SetBy, StatedReason};
pub use stop::{AccountHold, PublishedStop, Stop, StopLevel, StopSnapshot, StopTarget};
pub use task::{
    AfterUnknown, AtClose, CallPace, CallRules, CarriedSettings, Closure, DEFAULT_MAXIMUM_TALK,
    DEFAULT_MINIMUM_RING, DEFAULT_ORIGINATE_TIMEOUT, DialingSettings, Generation, LineLimit,
    MAXIMUM_CALLER_IDS_OF_TASK, MAXIMUM_CLOSURES, MAXIMUM_TALK, MINIMUM_RING, ORIGINATE_TIMEOUT,
    RedialSettings, Resume, ScriptChoice, Task, TaskBounds, TaskCourse, TaskDraft, TaskInGroup, TaskLine,
    TaskLines, TaskSettings, TaskState, V2_TASK_TYPE,
};
pub use text::{
    EMAIL_CHARACTERS, Email, NAME_CHARACTERS, Name, Phone, REMARK_CHARACTERS, legible, legible_within,
    written_word,
};
pub use text_encoding::{Utf16Text, text_encoding};
pub use token::{NumberDisplay, Partner, Token, TokenHash, TokenScope, TokenState};
pub use webhook::{
    AfterAttempt, DeliveryAttempt, EVENTS_READ_AT_ONCE, MAXIMUM_BATCH_OF_EVENTS, MAXIMUM_PENDING_DELIVERIES,
    MAXIMUM_PENDING_TESTS, MAXIMUM_WEBHOOKS, OLD_SECRET_KEPT, TRIED_FOR, WEBHOOK_TEST, Webhook, WebhookDraft,
    WebhookFormat, WebhookSecret, delivery_subject, retry_delay,
};
