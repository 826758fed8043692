//! The named parts of paths. Each is declared once, and is read and documented by that declaration.

use axum::extract::{FromRequestParts, MatchedPath, RawPathParams};
use domain::{
    AccountId, AttemptId, CalendarSubscriptionId, ClosureId, DialTimeGroupId, Fault, FaultRule, Faults,
    GREATEST_INTEGER_ID, LineAllocationId, LineGroupId, LineId, LineRule, NumberCallbackId, NumberJobId,
    PromptId, RedialRuleId, ScriptId, TaskId, WebhookId, check_integer_id,
};
use http::request::Parts;
use percent_encoding::percent_decode_str;
use utoipa::{
    IntoParams,
    openapi::{
        KnownFormat, ObjectBuilder, Required, SchemaFormat,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::{SchemaType, Type},
    },
};
use uuid::Uuid;

use crate::http::formats::date_pattern;

/// A part of a path, as it is read and documented.
pub(crate) struct PathPart {
    name: &'static str,
    description: &'static str,
    kind: PartKind,
    example: Option<PartExample>,
}

/// What a part can be.
#[derive(Clone, Copy)]
enum PartKind {
    Uuid,
    /// A whole number from 1 to [`GREATEST_INTEGER_ID`].
    Number,
    /// Any text, which the handler reads.
    Text,
    /// A date, which the handler reads.
    Date,
    /// The id of a holiday calendar, which the handler reads.
    CalendarId,
}

/// An example of a part.
#[derive(Clone, Copy)]
enum PartExample {
    Uuid(&'static str),
    Number(i64),
    Text(&'static str),
}

const USER: PathPart = PathPart {
    name: "user_id",
    description: "The user (主账号); also when it is a sub-user that is acted for.",
    kind: PartKind::Uuid,
    example: Some(PartExample::Uuid("5832d184-dd53-42a0-8ace-0bf8d660f4cc")),
};
const GROUP: PathPart = PathPart {
    name: "group_id",
    description: "The dial time group.",
    kind: PartKind::Number,
    example: Some(PartExample::Number(427)),
};
const VERSION: PathPart = PathPart {
    name: "version",
    description: "The version of the dial time group.",
    kind: PartKind::Number,
    example: Some(PartExample::Number(1)),
};
const TASK: PathPart = PathPart {
    name: "task_id",
    description: "The task, of either generation.",
    kind: PartKind::Uuid,
    example: Some(PartExample::Uuid("f232d184-dd54-42a0-8ace-0bf8d660f4cc")),
};
const WEBHOOK: PathPart = PathPart::uuid("webhook_id", "The webhook.");
const DELIVERY: PathPart = PathPart {
    name: "delivery_id",
    description: "The delivery.",
    kind: PartKind::Number,
    example: Some(PartExample::Number(1)),
};
const CALENDAR: PathPart = PathPart {
    name: "calendar_id",
    description: "The holiday calendar.",
    kind: PartKind::CalendarId,
    example: Some(PartExample::Text("019a7c4f2b107a329d503c1b5a7e42f1")),
};
const DAY: PathPart = PathPart {
    name: "date",
    description: "The date, `YYYY-MM-DD`.",
    kind: PartKind::Date,
    example: Some(PartExample::Text("2027-05-20")),
};
const RECORD: PathPart = PathPart::uuid("record_id", "The record.");
const PHONE: PathPart = PathPart {
    name: "phone",
    description: "The number, in any form that it can be added in.",
    kind: PartKind::Text,
    example: Some(PartExample::Text("13800138000")),
};
const RESET: PathPart = PathPart::uuid("reset_id", "The reset of numbers.");
const IMPORT: PathPart = PathPart::uuid("import_id", "The import of numbers.");
const CALLBACK: PathPart = PathPart::uuid("unique_id", "The callback's `unique_id`.");
const REDIAL_RULE: PathPart = PathPart {
    name: "rule_id",
    description: "The redial rule.",
    kind: PartKind::Number,
    example: Some(PartExample::Number(94)),
};
const PROMPT: PathPart = PathPart::uuid("prompt_id", "The prompt.");
const SCRIPT: PathPart = PathPart {
    name: "script_id",
    description: "The script.",
    kind: PartKind::Number,
    example: Some(PartExample::Number(297)),
};
const LINE: PathPart = PathPart::uuid("line_id", "The line.");
const LINE_GROUP: PathPart = PathPart::uuid("line_group_id", "The line group.");
const ALLOCATION: PathPart = PathPart {
    name: "line_id",
    description: "The number of the allocation, not the line's id: `id` as it was answered when the line was allocated, and as `GET /agent-api/line/{line_id}/allocation` and the list of lines (`line_allocation.id`) have it.",
    kind: PartKind::Number,
    example: Some(PartExample::Number(11)),
};
const NODE: PathPart =
    PathPart::uuid("tenant_id", "The cloud node (云节点): any UUID, for a partner has one.");
const SUB_USER: PathPart = PathPart::uuid("sub_user_id", "The sub-user (子账户).");
const CLOSURE: PathPart = PathPart::uuid("closure_id", "The closure.");
const SUBSCRIPTION: PathPart = PathPart::uuid("subscription_id", "The subscription.");

impl PathPart {
    const fn uuid(name: &'static str, description: &'static str) -> Self {
        Self { name, description, kind: PartKind::Uuid, example: None }
    }

    fn documented(&self) -> Parameter {
        let (kind, format) = match self.kind {
            PartKind::Uuid => (Type::String, Some(KnownFormat::Uuid)),
            PartKind::Number => (Type::Integer, Some(KnownFormat::Int64)),
            PartKind::Date => (Type::String, Some(KnownFormat::Date)),
            PartKind::Text | PartKind::CalendarId => (Type::String, None),
        };
        let schema = ObjectBuilder::new()
            .schema_type(SchemaType::Type(kind))
            .format(format.map(SchemaFormat::KnownFormat));
        let schema = match self.kind {
            PartKind::Uuid => schema,
            PartKind::Text => schema.min_length(Some(1)).max_length(Some(64)),
            PartKind::Date => schema.pattern(Some(date_pattern())),
            // As `Rule::IdFormat` of the calendar has it.
            PartKind::CalendarId => schema.pattern(Some("^[A-Za-z0-9_-]{1,32}$")),
            PartKind::Number => schema.minimum(Some(1)).maximum(Some(GREATEST_INTEGER_ID)),
        };
        let example = self.example.map(|example| match example {
            PartExample::Uuid(id) => id.into(),
            PartExample::Number(number) => number.into(),
            PartExample::Text(text) => text.into(),
        });
        ParameterBuilder::new()
            .name(self.name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some(self.description))
            .schema(Some(schema))
            .example(example)
            .build()
    }
}

/// The path of a request for something of an account's: the user, and the ids after it. What is faulty is `None`.
pub(crate) struct AccountPath<I> {
    pub(crate) user: Option<AccountId>,
    pub(crate) id: Option<I>,
}

pub(crate) type UserPath = AccountPath<()>;
pub(crate) type GroupPath = AccountPath<DialTimeGroupId>;
pub(crate) type GroupVersionPath = AccountPath<VersionOfGroup>;
pub(crate) type SubscriptionPath = AccountPath<SubscriptionOfGroup>;
pub(crate) type TaskPath = AccountPath<TaskId>;
pub(crate) type WebhookPath = AccountPath<WebhookId>;
pub(crate) type DeliveryPath = AccountPath<DeliveryOfWebhook>;
pub(crate) type RecordPath = AccountPath<RecordOfTask>;
pub(crate) type RecordOfAccountPath = AccountPath<AttemptId>;
pub(crate) type DoNotCallPath = AccountPath<ListedNumber>;
pub(crate) type NumberPath = AccountPath<NumberOfTask>;
pub(crate) type ResetPath = AccountPath<ResetOfTask>;
pub(crate) type ImportPath = AccountPath<ImportOfTask>;
pub(crate) type CallbackPath = AccountPath<NumberCallbackId>;
pub(crate) type ClosurePath = AccountPath<ClosureId>;
pub(crate) type PromptPath = AccountPath<PromptId>;
pub(crate) type CalendarPath = AccountPath<CalendarInPath>;
pub(crate) type CalendarDayPath = AccountPath<CalendarDayInPath>;
pub(crate) type ScriptPath = AccountPath<ScriptId>;
pub(crate) type RedialRulePath = AccountPath<RedialRuleId>;
pub(crate) type SubUserPath = AccountPath<SubUserId>;
pub(crate) type LineOfUserPath = AccountPath<LineId>;
pub(crate) type AllocationPath = AccountPath<LineAllocationId>;
pub(crate) type LinePath = PathWithoutUser<LineId>;
pub(crate) type LineGroupPath = PathWithoutUser<LineGroupId>;
pub(crate) type PartnerCalendarPath = PathWithoutUser<CalendarInPath>;
pub(crate) type PartnerCalendarDayPath = PathWithoutUser<CalendarDayInPath>;
pub(crate) type PartnerClosurePath = PathWithoutUser<ClosureId>;
pub(crate) type CallerLinePath = PathWithoutUser<NodeId>;

impl<I: FromPath> AccountPath<I> {
    /// Reads the path, noting what is wrong with each part.
    pub(crate) fn read(path: &Path, faults: &mut Faults) -> Self {
        Self { user: path.uuid(&I::USER, faults).map(AccountId::new), id: I::from_path(path, faults) }
    }
}

impl<I: FromPath> IntoParams for AccountPath<I> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        std::iter::once(&I::USER).chain(I::PARTS).map(PathPart::documented).collect()
    }
}

/// The path of a request for something of whichever account has it: the ids alone.
pub(crate) struct PathWithoutUser<I>(std::marker::PhantomData<I>);

impl<I: FromPath> PathWithoutUser<I> {
    /// Reads the ids.
    pub(crate) fn read(path: &Path) -> Result<I, Vec<Fault>> {
        let mut faults = Faults::default();
        let id = I::from_path(path, &mut faults);
        faults.finish(id)
    }
}

impl<I: FromPath> IntoParams for PathWithoutUser<I> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        I::PARTS.iter().map(PathPart::documented).collect()
    }
}

/// The ids that a path holds after `user_id`.
pub(crate) trait FromPath: Sized + Send {
    /// The user of the path.
    const USER: PathPart = USER;

    /// The parts after it.
    const PARTS: &'static [PathPart];

    fn from_path(path: &Path, faults: &mut Faults) -> Option<Self>;
}

impl FromPath for () {
    const PARTS: &'static [PathPart] = &[];

    fn from_path(_: &Path, _: &mut Faults) -> Option<Self> {
        Some(())
    }
}

impl FromPath for DialTimeGroupId {
    const PARTS: &'static [PathPart] = &[GROUP];

    fn from_path(path: &Path, faults: &mut Faults) -> Option<Self> {
        path.number(&GROUP, faults).map(Self::new)
    }
}

/// The group and its version of `.../version/{version}`.
#[derive(Clone, Copy)]
pub(crate) struct VersionOfGroup {
    pub(crate) group: DialTimeGroupId,
    pub(crate) version: i64,
}

impl FromPath for VersionOfGroup {
    const PARTS: &'static [PathPart] = &[GROUP, VERSION];

    fn from_path(path: &Path, faults: &mut Faults) -> Option<Self> {
        let (group, version) = (DialTimeGroupId::from_path(path, faults), path.number(&VERSION, faults));
        group.zip(version).map(|(group, version)| Self { group, version })
    }
}

impl FromPath for TaskId {
    const PARTS: &'static [PathPart] = &[TASK];

    fn from_path(path: &Path, faults: &mut Faults) -> Option<Self> {
        path.uuid(&TASK, faults).map(Self::new)
    }
}

impl FromPath for AttemptId {
    const PARTS: &'static [PathPart] = &[RECORD];

    fn from_path(path: &Path, faults: &mut Faults) -> Option<Self> {
        path.uuid(&RECORD, faults).map(Self::new)
    }
}

impl FromPath for NumberCallbackId {
    const PARTS: &'static [PathPart] = &[CALLBACK];

    fn from_path(path: &Path, faults: &mut Faults) -> Option<Self> {
        path.uuid(&CALLBACK, faults).map(Self::new)
    }
}

/// The id of a holiday calendar, whatever it is: what there is none of is not there.
pub(crate) struct CalendarInPath(pub(crate) String);

impl FromPath for CalendarInPath {
    const PARTS: &'static [PathPart] = &[CALENDAR];

    fn from_path(path: &Path, _: &mut Faults) -> Option<Self> {
        Some(Self(path.get(CALENDAR.name).to_owned()))
    }
}

/// A day of a holiday calendar, as text.
pub(crate) struct CalendarDayInPath {
    pub(crate) calendar: String,
    pub(crate) date: String,
}

impl FromPath for CalendarDayInPath {
    const PARTS: &'static [PathPart] = &[CALENDAR, DAY];

    fn from_path(path: &Path, _: &mut Faults) -> Option<Self> {
        let (calendar, date) = (path.get(CALENDAR.name).to_owned(), path.get(DAY.name).to_owned());
        Some(Self { calendar, date })
    }
}

impl FromPath for PromptId {
    const PARTS: &'static [PathPart] = &[PROMPT];

    fn from_path(path: &Path, faults: &mut Faults) -> Option<Self> {
        path.uuid(&PROMPT, faults).map(Self::new)
    }
}

impl FromPath for ClosureId {
    const PARTS: &'static [PathPart] = &[CLOSURE];

    fn from_path(path: &Path, faults: &mut Faults) -> Option<Self> {
        path.uuid(&CLOSURE, faults).map(Self::new)
    }
}

impl FromPath for ScriptId {
    const PARTS: &'static [PathPart] = &[SCRIPT];

    fn from_path(path: &Path, faults: &mut Faults) -> Option<Self> {
        path.number(&SCRIPT, faults).map(Self::new)
    }
}

impl FromPath for RedialRuleId {
    const PARTS: &'static [PathPart] = &[REDIAL_RULE];

    fn from_path(path: &Path, faults: &mut Faults) -> Option<Self> {
        path.number(&REDIAL_RULE, faults).map(Self::new)
    }
}

impl FromPath for WebhookId {
    const PARTS: &'static [PathPart] = &[WEBHOOK];

    fn from_path(path: &Path, faults: &mut Faults) -> Option<Self> {
        path.uuid(&WEBHOOK, faults).map(Self::new)
    }
}

/// The task and its record of `.../detail/{record_id}`.
#[derive(Clone, Copy)]
pub(crate) struct RecordOfTask {
    pub(crate) task: TaskId,
    pub(crate) record: AttemptId,
}

impl FromPath for RecordOfTask {
    const PARTS: &'static [PathPart] = &[TASK, RECORD];

    fn from_path(path: &Path, faults: &mut Faults) -> Option<Self> {
        let (task, record) = (TaskId::from_path(path, faults), path.uuid(&RECORD, faults));
        task.zip(record).map(|(task, record)| Self { task, record: AttemptId::new(record) })
    }
}

impl FromPath for LineId {
    const PARTS: &'static [PathPart] = &[LINE];

    fn from_path(path: &Path, faults: &mut Faults) -> Option<Self> {
        path.uuid(&LINE, faults).map(Self::new)
    }
}

impl FromPath for LineGroupId {
    const PARTS: &'static [PathPart] = &[LINE_GROUP];

    fn from_path(path: &Path, faults: &mut Faults) -> Option<Self> {
        path.uuid(&LINE_GROUP, faults).map(Self::new)
    }
}

impl FromPath for LineAllocationId {
    const PARTS: &'static [PathPart] = &[ALLOCATION];

    fn from_path(path: &Path, faults: &mut Faults) -> Option<Self> {
        let number = path.get(ALLOCATION.name).parse();
        let number =
            number.map_err(|_| FaultRule::Line(LineRule::AllocationNumber)).and_then(check_integer_id);
        faults.check(ALLOCATION.name, number).map(Self::new)
    }
}

/// The partner's cloud node of `.../tenant/{tenant_id}/callerline`.
#[derive(Clone, Copy)]
pub(crate) struct NodeId(pub(crate) Uuid);

impl FromPath for NodeId {
    const PARTS: &'static [PathPart] = &[NODE];

    fn from_path(path: &Path, faults: &mut Faults) -> Option<Self> {
        path.uuid(&NODE, faults).map(Self)
    }
}

/// The webhook and its delivery of `.../delivery/{delivery_id}/send-again`.
#[derive(Clone, Copy)]
pub(crate) struct DeliveryOfWebhook {
    pub(crate) webhook: WebhookId,
    pub(crate) delivery: i64,
}

impl FromPath for DeliveryOfWebhook {
    const PARTS: &'static [PathPart] = &[WEBHOOK, DELIVERY];

    fn from_path(path: &Path, faults: &mut Faults) -> Option<Self> {
        let (webhook, delivery) = (WebhookId::from_path(path, faults), path.number(&DELIVERY, faults));
        webhook.zip(delivery).map(|(webhook, delivery)| Self { webhook, delivery })
    }
}

/// The task and its number of `.../task/{task_id}/number/detail/{phone}`. Which country a number without one is of is for the handler to
/// say.
#[derive(Clone)]
pub(crate) struct NumberOfTask {
    pub(crate) task: TaskId,
    pub(crate) phone: String,
}

impl FromPath for NumberOfTask {
    const PARTS: &'static [PathPart] = &[TASK, PHONE];

    fn from_path(path: &Path, faults: &mut Faults) -> Option<Self> {
        let phone = path.get(PHONE.name).to_owned();
        TaskId::from_path(path, faults).map(|task| Self { task, phone })
    }
}

/// A number that must not be called, of `.../do-not-call/{phone}`.
#[derive(Clone)]
pub(crate) struct ListedNumber(pub(crate) String);

impl FromPath for ListedNumber {
    const PARTS: &'static [PathPart] = &[PHONE];

    fn from_path(path: &Path, _: &mut Faults) -> Option<Self> {
        Some(Self(path.get(PHONE.name).to_owned()))
    }
}

/// The task and the reset of its numbers of `.../task/{task_id}/number-reset/{reset_id}`.
#[derive(Clone, Copy)]
pub(crate) struct ResetOfTask {
    pub(crate) task: TaskId,
    pub(crate) reset: NumberJobId,
}

impl FromPath for ResetOfTask {
    const PARTS: &'static [PathPart] = &[TASK, RESET];

    fn from_path(path: &Path, faults: &mut Faults) -> Option<Self> {
        let task = TaskId::from_path(path, faults);
        let reset = path.uuid(&RESET, faults).map(NumberJobId::new);
        task.zip(reset).map(|(task, reset)| Self { task, reset })
    }
}

/// The task and the import of numbers of `.../task/{task_id}/number-import/{import_id}`.
#[derive(Clone, Copy)]
pub(crate) struct ImportOfTask {
    pub(crate) task: TaskId,
    pub(crate) import: NumberJobId,
}

impl FromPath for ImportOfTask {
    const PARTS: &'static [PathPart] = &[TASK, IMPORT];

    fn from_path(path: &Path, faults: &mut Faults) -> Option<Self> {
        let task = TaskId::from_path(path, faults);
        let import = path.uuid(&IMPORT, faults).map(NumberJobId::new);
        task.zip(import).map(|(task, import)| Self { task, import })
    }
}

/// The sub-user of `.../subset_users/{sub_user_id}/edit`.
pub(crate) struct SubUserId(pub(crate) AccountId);

impl FromPath for SubUserId {
    const USER: PathPart = PathPart { description: "The user (主账号).", ..USER };
    const PARTS: &'static [PathPart] = &[SUB_USER];

    fn from_path(path: &Path, faults: &mut Faults) -> Option<Self> {
        path.uuid(&SUB_USER, faults).map(|id| Self(AccountId::new(id)))
    }
}

/// The group and its subscription of `.../calendar-subscription/{subscription_id}`.
#[derive(Clone, Copy)]
pub(crate) struct SubscriptionOfGroup {
    pub(crate) group: DialTimeGroupId,
    pub(crate) subscription: CalendarSubscriptionId,
}

impl FromPath for SubscriptionOfGroup {
    const PARTS: &'static [PathPart] = &[GROUP, SUBSCRIPTION];

    fn from_path(path: &Path, faults: &mut Faults) -> Option<Self> {
        let group = DialTimeGroupId::from_path(path, faults);
        let subscription = path.uuid(&SUBSCRIPTION, faults).map(CalendarSubscriptionId::new);
        group.zip(subscription).map(|(group, subscription)| Self { group, subscription })
    }
}

const TENANT: PathPart = PathPart::uuid("tenant_id", "The tenant (云节点) that users were registered for.");

/// The tenant of a request for something of the partner's.
pub(crate) struct TenantPath {
    pub(crate) tenant: Uuid,
}

impl TenantPath {
    pub(crate) fn read(path: &Path) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::default();
        let tenant = path.uuid(&TENANT, &mut faults);
        faults.finish(tenant.map(|tenant| Self { tenant }))
    }
}

impl IntoParams for TenantPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![TENANT.documented()]
    }
}

/// The named parts of a path.
pub(crate) struct Path(Vec<(String, String)>);

impl Path {
    pub(crate) async fn of(parts: &mut Parts) -> Self {
        match RawPathParams::from_request_parts(parts, &()).await {
            Ok(params) => Self(params.iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect()),
            // One part that is not UTF-8 takes all others with it.
            Err(_) => Self::part_by_part(parts),
        }
    }

    /// Reads a path that is not UTF-8, so that only what is faulty in it is found faulty: no id holds the character that takes the
    /// place of what cannot be read.
    fn part_by_part(parts: &Parts) -> Self {
        let template = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
        let pairs = template.split('/').zip(parts.uri.path().split('/')).filter_map(|(name, part)| {
            let name = name.strip_prefix('{')?.strip_suffix('}')?;
            Some((name.to_owned(), percent_decode_str(part).decode_utf8_lossy().into_owned()))
        });
        Self(pairs.collect())
    }

    /// Empty when the path has no such part.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    fn number(&self, part: &PathPart, faults: &mut Faults) -> Option<i64> {
        faults.check(part.name, check_integer_id(self.get(part.name).parse().unwrap_or(0)))
    }

    fn uuid(&self, part: &PathPart, faults: &mut Faults) -> Option<Uuid> {
        faults.check(part.name, Uuid::parse_str(self.get(part.name)).map_err(|_| FaultRule::Uuid))
    }
}
