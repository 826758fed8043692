//! What a group would mean if it were saved, and what saving it would do to tasks now.

use domain::{DialTimeGroup, DialTimeGroupId, Faults, GroupDraft, TaskInGroup};
use serde::Serialize;
use serde_json::Value;
use store::{Page, groups, schedules, tasks};
use utoipa::{
    ToSchema,
    openapi::{
        ObjectBuilder, RefOr, Schema,
        schema::{SchemaType, Type},
    },
};
use uuid::Uuid;

use super::{Days, GroupCalendarView, date_at};
use crate::{
    http::{
        body::{FieldPath, FromValue, Members, Reading},
        envelope::{Answer, Envelope},
        extract::{AccountRequest, Json},
        formats::DateSchema,
        parameters::UserPath,
        problem::Problem,
    },
    messages::Message,
    openapi::values::schema_of,
    resources::{
        decisions::DecisionSubject,
        groups::{GIVEN_BACK, SaveGroup, SubUserQuery, UpdateGroup, know_calendar},
    },
};

/// How many tasks are named; the rest are only counted.
const NAMED_TASKS: u32 = 100;

/// A group to look at before it is saved.
pub(crate) struct Preview {
    from: Option<String>,
    to: Option<String>,
    group: Edit,
}

enum Edit {
    New(SaveGroup),
    Change(DialTimeGroupId, UpdateGroup),
}

impl FromValue for Preview {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        let mut members = Members::of(value, place, reading)?;
        let (from, to) = (members.take("from"), members.take("to"));
        // An id that is faulty names a group that nobody has.
        let id = members.has("group_id").then(|| members.take("group_id").unwrap_or(0));
        let group = match id {
            None => Edit::New(SaveGroup::of(&mut members)),
            Some(id) => Edit::Change(DialTimeGroupId::new(id), UpdateGroup::of(&mut members)),
        };
        members.know_only(&[UpdateGroup::FIELDS, SaveGroup::FIELDS, GIVEN_BACK, &["group_id", "from", "to"]]);
        Some(Self { from, to, group })
    }
}

/// A group to look at before it is saved: a new one, or an edit of one that is there.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) enum PreviewGroup {
    New(PreviewNewGroup),
    Edit(PreviewGroupEdit),
}

/// A new group to look at before it is saved.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct PreviewNewGroup {
    #[schema(value_type = NothingSchema, inline, required = false)]
    group_id: Option<i64>,
    #[serde(flatten)]
    days: PreviewDays,
    #[serde(flatten)]
    group: SaveGroup,
}

/// An edit of a group to look at before it is saved: what is left out keeps its value.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct PreviewGroupEdit {
    /// The group to edit.
    #[schema(minimum = 1, example = 428)]
    group_id: i64,
    #[serde(flatten)]
    days: PreviewDays,
    #[serde(flatten)]
    group: GroupEditSchema,
}

/// Which days a preview shows.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct PreviewDays {
    /// The first day to show, on the group's clock; left out, today.
    #[schema(value_type = Option<DateSchema>)]
    from: Option<String>,
    /// The first day after, at most 400 days later; left out, four weeks after `from`.
    #[schema(value_type = Option<DateSchema>)]
    to: Option<String>,
}

schema_of!(
    /// The `group_id` of a group that is new.
    NothingSchema,
    "Nothing",
    ObjectBuilder::new().schema_type(SchemaType::Type(Type::Null)).into()
);
schema_of!(
    /// [`UpdateGroup`] without what must be given.
    GroupEditSchema,
    "GroupEdit",
    {
        let mut schema = UpdateGroup::schema();
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            object.required.clear();
        }
        schema
    },
    within UpdateGroup
);

/// What saving would mean.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewView {
    calendar: GroupCalendarView,
    /// Tasks that dial now and would not.
    stopping: TasksView,
    /// Tasks that wait now and would dial.
    starting: TasksView,
}

/// Tasks, the newest named.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct TasksView {
    /// How many there are.
    total: i64,
    /// At most 100 of them, the newest first.
    tasks: Vec<NamedTask>,
}

#[derive(Debug, Serialize, ToSchema)]
struct NamedTask {
    uuid: Uuid,
    name: String,
}

/// Preview a group
///
/// An unsaved group, or an edit of an existing one: its calendar for a span of days, and which tasks would stop or start now. Nothing
/// is stored.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/dial-time-group/preview", tag = "decision",
    operation_id = "preview_group", params(UserPath, SubUserQuery), request_body = PreviewGroup,
    responses((status = 200, body = Envelope<PreviewView>)))]
pub(crate) async fn preview(
    request: AccountRequest<(), Json<Preview>>,
) -> Result<Answer<PreviewView>, Problem> {
    let (Preview { from, to, group }, mut faults, request) = request.take_body();
    Days::check_dates(from.as_deref(), to.as_deref(), &mut faults);
    let (present, draft) = edited(&request, group, faults).await?;
    know_calendar(&request.api, &draft.holiday_calendar).await?;
    let now = request.caller.now;
    let mut faults = Faults::default();
    let today = date_at(now, draft.timezone);
    let days = Days::parse(from.as_deref(), to.as_deref(), today, &mut faults);
    let days = faults.finish(days)?;

    let mut read = request.read().await?;
    let schedule = draft.schedule(&*schedules::current_calendars(&mut read).await?);
    let version = present.as_ref().map(|group| group.version);
    let subject = DecisionSubject { zone: draft.timezone, version, schedule: &schedule };
    let calendar = GroupCalendarView::new(subject, days, request.caller.language);
    let mut view = PreviewView { calendar, stopping: TasksView::default(), starting: TasksView::default() };
    if let Some(group) = present {
        let before = schedules::of(&mut read, &group).await?.is_open(now);
        let changing = match (before, schedule.is_open(now)) {
            (true, false) => &mut view.stopping,
            (false, true) => &mut view.starting,
            _ => return Ok(Answer::new(Message::Preview, view)),
        };
        let page = Page { number: 1, size: NAMED_TASKS };
        let tasks = tasks::list_ready(&mut read, request.account, group.id, now, page).await?;
        let named = |item: TaskInGroup| NamedTask {
            uuid: item.task.id.uuid(),
            name: item.task.draft.name.as_str().to_owned(),
        };
        *changing = TasksView { total: tasks.total, tasks: tasks.items.into_iter().map(named).collect() };
    }
    Ok(Answer::new(Message::Preview, view))
}

/// The group as it is, if it is saved, and as it would be.
async fn edited(
    request: &AccountRequest,
    edit: Edit,
    faults: Faults,
) -> Result<(Option<DialTimeGroup>, GroupDraft), Problem> {
    let (id, change) = match edit {
        Edit::New(new) => return Ok((None, new.draft(request.api.settings.zone, faults)?.1)),
        Edit::Change(id, change) => (id, change),
    };
    let present = match groups::get(&mut request.read().await?, request.account, id).await {
        Ok(present) => present,
        // What is wrong with the request comes before what it names.
        Err(error) => return Err(faults.finish::<Problem>(Some(error.into()))?),
    };
    let change = change.named_as(&present.draft.name).change(id, faults)?;
    let draft = present.draft.clone().with(change);
    Ok((Some(present), draft))
}
