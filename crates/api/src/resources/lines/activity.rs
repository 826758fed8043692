//! What is called over lines now, and how they fare: for who asks whether it is the carrier.

use std::collections::HashMap;

use calendar::Zone;
use domain::{Line, LineFault, LineId, PartnerId};
use jiff::Timestamp;
use serde::Serialize;
use store::{
    Read,
    attempts::{LINE_SLOT, LineCalls, last_line_faults, line_calls_since, line_slot_of, line_slots_since},
    dialing::{self, CallsOverLine, KnownRegistration, TaskOverLine},
    lines,
    stops::{self, StoppedAmong},
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::standing::{LineBreakerView, LineStandings};
use crate::{
    Api,
    http::{
        envelope::{Answer, PagedEnvelope},
        extract::PartnerRequest,
        formats::LocalTimeSchema,
        messages::Message,
        problem::Problem,
        query::PageQuery,
        time::stamp,
    },
    resources::group_calendars::{Days, date_at},
};

/// How many slots of two minutes are told: an hour.
const SLOTS: i32 = 30;

/// How calls over a line ended.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct LineCallsView {
    /// All that were sent.
    #[schema(minimum = 0)]
    attempts: i64,
    /// Someone or something answered.
    #[schema(minimum = 0)]
    answered: i64,
    /// The line failed: class `line_failure`.
    #[schema(minimum = 0)]
    line_failures: i64,
}

impl From<LineCalls> for LineCallsView {
    fn from(LineCalls { attempts, answered, line_failures }: LineCalls) -> Self {
        Self { attempts, answered, line_failures }
    }
}

/// How a line that registers stands with its registrar.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LineRegistrationView {
    /// Whether it is registered: calls go over it only then.
    registered: bool,
    /// Since when it is, or is not. `null`: no server keeps its registration.
    #[schema(value_type = Option<LocalTimeSchema>)]
    since: Option<String>,
    /// The code of SIP with which the registrar refused it last. `null`: it is registered, or the registrar did not answer.
    code: Option<u16>,
    /// The registrar's words beside the code, or why it cannot be reached.
    phrase: Option<String>,
}

impl LineRegistrationView {
    fn new(api: &Api, known: Option<&KnownRegistration>) -> Self {
        let since = known.map(|known| stamp(api.settings.zone, known.since));
        let failure = known.and_then(|known| known.registration.failure());
        Self {
            registered: known.is_some_and(|known| known.registration.is_registered()),
            since,
            code: failure.and_then(|failure| failure.code),
            phrase: failure.map(|failure| failure.phrase.clone()).filter(|phrase| !phrase.is_empty()),
        }
    }
}

/// The last call over a line that failed by its fault.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LineFailure)]
pub(crate) struct LineFailureView {
    /// When it ended.
    #[schema(value_type = LocalTimeSchema)]
    at: String,
    /// The final SIP code.
    code: Option<u16>,
    /// The words beside it.
    phrase: Option<String>,
}

impl LineFailureView {
    pub(crate) fn new(zone: Zone, fault: &LineFault) -> Self {
        let phrase = fault.phrase.as_ref().map(|phrase| phrase.as_str().to_owned());
        Self { at: stamp(zone, fault.at), code: fault.code, phrase }
    }
}

/// How many tasks of a line are told.
const TASKS: u32 = 20;

/// A task with calls over a line.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TaskOverLine)]
pub(crate) struct TaskOverLineView {
    task_id: Uuid,
    task_name: String,
    /// The user or sub-user whose task it is.
    account_id: Uuid,
    /// What that is called; `null`: it is gone.
    account_name: Option<String>,
    /// Its calls over the line, those to whom callees are connected too.
    #[schema(minimum = 1)]
    calls: i64,
}

impl From<&TaskOverLine> for TaskOverLineView {
    fn from(TaskOverLine { task, account, calls }: &TaskOverLine) -> Self {
        let (task_id, account_id) = (task.0.uuid(), account.0.uuid());
        let (task_name, account_name) = (task.1.clone(), account.1.clone());
        Self { task_id, task_name, account_id, account_name, calls: *calls }
    }
}

/// What is called over a line.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LineActivityView {
    line_id: Uuid,
    /// Calls under way: channels in use.
    #[schema(minimum = 0)]
    calls: i64,
    /// Whose calls those are: the tasks with the most first, at most 20.
    #[schema(max_items = 20)]
    tasks: Vec<TaskOverLineView>,
    /// Whether dialing is stopped for this line by itself.
    stopped: bool,
    /// How many calls to numbers of tasks begin in a second now, of the last ten; the most are the line's `cps`.
    #[schema(minimum = 0, example = 1.7)]
    starts_per_second: f64,
    /// Whether calls start over it, as far as its health goes.
    breaker: LineBreakerView,
    /// The last call over it that failed by its fault, with what its carrier said; `null`: none did within some days.
    last_failure: Option<LineFailureView>,
    /// How it stands with its registrar; `null`: it does not register.
    registration: Option<LineRegistrationView>,
    /// Calls that have ended today, on the server's clock.
    today: LineCallsView,
    /// Calls that have ended in the last hour, by two minutes; the present two are the last.
    #[schema(min_items = 30, max_items = 30)]
    last_hour: Vec<LineCallsView>,
}

/// What is called over lines?
///
/// Of the partner's lines, in the order and the pages in which they are listed: channels in use, how calls ended today and in the last hour, and
/// whether the line is stopped, its breaker open, or it is registered where it has to be.
#[utoipa::path(get, path = "/agent-api/line-activity", tag = "line", operation_id = "line_activity", params(PageQuery),
    responses((status = 200, body = PagedEnvelope<Vec<LineActivityView>>)))]
pub(crate) async fn line_activity(request: PartnerRequest) -> Result<Answer<Vec<LineActivityView>>, Problem> {
    let PartnerRequest { api, caller, query, .. } = request;
    let page = PageQuery::read_alone(&query)?;
    let mut read = api.store.read().await?;
    let found = lines::list(&mut read, caller.partner, page).await?;
    let known = KnownActivity::read(&mut read, &api, caller.partner, &found.items, caller.now).await?;
    Ok(Answer::page(Message::LineActivity, page, found, |line| known.view(&api, &line)))
}

/// What is known of the lines of a page.
struct KnownActivity {
    calls: HashMap<LineId, CallsOverLine>,
    tasks: HashMap<LineId, Vec<TaskOverLine>>,
    stopped: StoppedAmong,
    standings: LineStandings,
    faults: HashMap<LineId, LineFault>,
    registrations: HashMap<LineId, KnownRegistration>,
    today: HashMap<LineId, LineCalls>,
    slots: HashMap<(LineId, Timestamp), LineCalls>,
    /// When the first slot began.
    first: Timestamp,
}

impl KnownActivity {
    async fn read(
        read: &mut Read,
        api: &Api,
        partner: PartnerId,
        lines: &[Line],
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let ids: Vec<LineId> = lines.iter().map(|line| line.id).collect();
        let zone = api.settings.zone;
        let today = date_at(now, zone);
        let (midnight, _) = Days { from: today, to: today }.instants(zone);
        let first = line_slot_of(now).saturating_sub(LINE_SLOT * (SLOTS - 1)).unwrap_or(now);
        Ok(Self {
            calls: dialing::calls_over_lines(read, &ids).await?,
            tasks: dialing::tasks_over_lines(read, &ids, TASKS).await?,
            stopped: stops::among(read, &[], &ids).await?,
            standings: LineStandings::read(read, partner, &ids, (zone, now)).await?,
            faults: last_line_faults(read, &ids).await?,
            registrations: dialing::line_registrations(read, &ids).await?,
            today: line_calls_since(read, &ids, midnight).await?,
            slots: line_slots_since(read, &ids, first).await?,
            first,
        })
    }

    fn view(&self, api: &Api, line: &Line) -> LineActivityView {
        let (registers, line, zone) = (line.draft.settings.kind.registers(), line.id, api.settings.zone);
        let slot = |place| {
            let at = self.first.saturating_add(LINE_SLOT * place).unwrap_or(self.first);
            self.slots.get(&(line, at)).copied().unwrap_or_default().into()
        };
        LineActivityView {
            line_id: line.uuid(),
            calls: self.calls.get(&line).map_or(0, |over| over.calls),
            tasks: self.tasks.get(&line).into_iter().flatten().map(Into::into).collect(),
            stopped: self.stopped.lines.contains(&line),
            starts_per_second: self.standings.starts_per_second(line),
            breaker: self.standings.breaker(line),
            last_failure: self.faults.get(&line).map(|fault| LineFailureView::new(zone, fault)),
            registration: registers.then(|| LineRegistrationView::new(api, self.registrations.get(&line))),
            today: self.today.get(&line).copied().unwrap_or_default().into(),
            last_hour: (0..SLOTS).map(slot).collect(),
        }
    }
}
