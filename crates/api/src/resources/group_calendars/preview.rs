//! What a group would mean if it were saved, and which tasks would stop or start.

use domain::{DialTimeGroup, DialTimeGroupId, Faults, GroupChange, GroupDraft};
use serde::Serialize;
use serde_json::Value;
use store::{closures, edits, groups, schedules};
use utoipa::{
    ToSchema,
    openapi::{
        ObjectBuilder, RefOr, Schema,
        schema::{SchemaType, Type},
    },
};

use super::{Days, EditEffects, GroupCalendarView, LaterView, MOST_BELOW, TasksView, date_at};
use crate::{
    http::{
        body::{FieldPath, FromValue, Members, Reading, fields},
        envelope::{Answer, Envelope},
        extract::{AccountRequest, Json},
        formats::DateSchema,
        messages::Message,
        path::UserPath,
        problem::Problem,
        query::SubUserQuery,
        values::schema_of,
    },
    resources::{
        decisions::DecisionSubject,
        groups::{GIVEN_BACK, SaveGroup, UpdateGroup, know_calendars},
    },
};

/// A group to look at before it is saved: a new one, or an edit of one that is there.
#[derive(Debug, ToSchema)]
#[serde(untagged)]
pub(crate) enum PreviewGroup {
    New(PreviewNewGroup),
    Edit(PreviewGroupEdit),
}

/// A new group to look at before it is saved.
#[derive(Debug, ToSchema)]
pub(crate) struct PreviewNewGroup {
    #[schema(value_type = NothingSchema, inline, required = false)]
    #[expect(dead_code, reason = "it is always null, which tells a new group from an edit")]
    group_id: Option<i64>,
    #[serde(flatten)]
    days: PreviewDays,
    #[serde(flatten)]
    group: SaveGroup,
}

/// An edit of a group to look at before it is saved: what is left out keeps its value.
#[derive(Debug, ToSchema)]
pub(crate) struct PreviewGroupEdit {
    /// The group to edit.
    #[schema(minimum = 1, example = 428)]
    group_id: i64,
    #[serde(flatten)]
    days: PreviewDays,
    #[serde(flatten)]
    #[schema(value_type = GroupEditSchema)]
    group: UpdateGroup,
}

/// Which days a preview shows.
#[derive(Clone, Debug, ToSchema)]
pub(crate) struct PreviewDays {
    /// The first day to show, on the group's clock; left out, today.
    #[schema(value_type = Option<DateSchema>)]
    from: Option<String>,
    /// The first day after, at most 400 days later; left out, four weeks after `from`.
    #[schema(value_type = Option<DateSchema>)]
    to: Option<String>,
}

fields!(PreviewDays { from, to });

impl FromValue for PreviewGroup {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        let mut members = Members::of(value, place, reading)?;
        let days = PreviewDays::of(&mut members);
        // An id that is faulty names a group that nobody has.
        let id = members.has("group_id").then(|| members.take("group_id").unwrap_or(0));
        let group = match id {
            None => Self::New(PreviewNewGroup { group_id: None, days, group: SaveGroup::of(&mut members) }),
            Some(group_id) => {
                Self::Edit(PreviewGroupEdit { group_id, days, group: UpdateGroup::of(&mut members) })
            }
        };
        members.know_only(&[
            UpdateGroup::FIELDS,
            SaveGroup::FIELDS,
            PreviewDays::FIELDS,
            GIVEN_BACK,
            &["group_id"],
        ]);
        Some(group)
    }
}

impl PreviewGroup {
    const fn days(&self) -> &PreviewDays {
        match self {
            Self::New(new) => &new.days,
            Self::Edit(edit) => &edit.days,
        }
    }
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
    /// Tasks that dial now and would not; of other accounts too, where the group is a ceiling above them.
    stopping: TasksView,
    /// Tasks that wait now and would dial.
    starting: TasksView,
    /// In how many spans of the next four weeks the group, and what lies below it if it is a ceiling, would be open or closed otherwise than now. Of groups
    /// below the first 1,000 are looked at; of a new group none.
    later_total: usize,
    /// The first 1,000 of them, by group.
    #[schema(max_items = 1_000)]
    later: Vec<LaterView>,
}

/// Preview a group
///
/// An unsaved group, or an edit of an existing one: its calendar for a span of days, which tasks would stop or start now, and where the next four weeks
/// differ (`later`). Nothing is stored.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/dial-time-group/preview", tag = "decision",
    operation_id = "preview_group", params(UserPath, SubUserQuery), request_body = PreviewGroup,
    responses((status = 200, body = Envelope<PreviewView>)))]
pub(crate) async fn preview(
    request: AccountRequest<(), Json<PreviewGroup>>,
) -> Result<Answer<PreviewView>, Problem> {
    let (body, mut faults, request) = request.take_body();
    let PreviewDays { from, to } = body.days().clone();
    Days::check_dates(from.as_deref(), to.as_deref(), &mut faults);
    let Saving { present, draft } = edited(&request, body, faults).await?;
    know_calendars(&request.api, request.account, &draft.holiday_calendars).await?;
    let now = request.caller.now;
    let mut faults = Faults::default();
    let today = date_at(now, draft.timezone);
    let days = Days::parse(from.as_deref(), to.as_deref(), today, &mut faults);
    let days = faults.finish(days)?;

    let mut read = request.read().await?;
    let schedule = draft.schedule(&*schedules::current_calendars(&mut read).await?);
    // An override of the group holds over its edited windows, too.
    let schedule = match &present {
        Some((group, _)) => group.with_override(schedule),
        None => schedule.into(),
    };
    let schedule = schedule.closed_in(closures::of_account(&mut read, request.account).await?);
    let id = present.as_ref().map(|(group, _)| group.id);
    let schedule = schedule.below(schedules::ceilings(&mut read, request.account, id).await?);
    let version = present.as_ref().map(|(group, _)| group.version);
    let subject = DecisionSubject { zone: draft.timezone, version, schedule: &schedule };
    let calendar = GroupCalendarView::new(subject, days, request.caller.language);
    let mut effects = EditEffects::default();
    if let Some((group, change)) = present {
        let before = schedules::of(&mut read, &group).await?;
        effects.add_group(&mut read, &group, (&before, &schedule), now).await?;
        let is_ceiling = !schedules::below(&mut read, request.account, &[group.id], 1).await?.is_empty();
        // Never a second connection while one is held.
        drop(read);
        if is_ceiling {
            add_below(&request, group.id, change, &mut effects).await?;
        }
    }
    let EditEffects { stopping, starting, later_total, later } = effects;
    let view = PreviewView { calendar, stopping, starting, later_total, later };
    Ok(Answer::new(Message::Preview, view))
}

/// Adds what an edit of a ceiling does to the groups below it: it is done and taken back, so that what is shown is what would be.
async fn add_below(
    request: &AccountRequest,
    id: DialTimeGroupId,
    change: GroupChange,
    effects: &mut EditEffects,
) -> Result<(), Problem> {
    let (account, now) = (request.account, request.caller.now);
    let mut tx = request.begin().await?;
    let locked = edits::groups::lock_to_update(&mut tx, account, id, change).await?;
    let before = schedules::below(&mut tx, account, &[id], MOST_BELOW).await?;
    edits::groups::update(&mut tx, locked, &request.caller.change()).await?;
    let after = schedules::below(&mut tx, account, &[id], MOST_BELOW).await?;
    effects.add_below(&mut tx, &before, &after, now).await
}

/// What saving would store.
struct Saving {
    /// The group that is edited, and how.
    present: Option<(DialTimeGroup, GroupChange)>,
    draft: GroupDraft,
}

/// The group as it is, if it is saved, and as it would be.
async fn edited(request: &AccountRequest, body: PreviewGroup, faults: Faults) -> Result<Saving, Problem> {
    let (id, change) = match body {
        PreviewGroup::New(new) => {
            let draft = new.group.draft(request.api.settings.zone, faults)?.1;
            return Ok(Saving { present: None, draft });
        }
        PreviewGroup::Edit(edit) => (DialTimeGroupId::new(edit.group_id), edit.group),
    };
    let present = match groups::get(&mut request.read().await?, request.account, id).await {
        Ok(present) => present,
        // What is wrong with the request comes before what it names.
        Err(error) => return Err(faults.finish::<Problem>(Some(error.into()))?),
    };
    let change = change.named_as(&present.draft.name).change(id, faults)?;
    let draft = present.draft.clone().with(change.clone());
    Ok(Saving { present: Some((present, change)), draft })
}
