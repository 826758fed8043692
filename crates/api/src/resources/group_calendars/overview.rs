//! All groups of a user and its sub-users at a glance: what holds when, and by which rule.

use std::collections::HashMap;

use calendar::{EffectiveSchedule, RuledSpan};
use domain::{AccountHold, AccountId, CompiledGroup, Counted, FaultRule, Faults, PartnerId, StopTarget};
use jiff::Timestamp;
use serde::Serialize;
use store::{Page, Read, accounts, groups, schedules, stops};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{CalendarDay, Days, date_at, view::warning};
use crate::{
    http::{
        envelope::{Answer, PagedEnvelope},
        extract::AccountRequest,
        language::Language,
        messages::Message,
        path::UserPath,
        problem::Problem,
        query::{QueryParameters, SubUserQuery, WithinOr, query_parameters},
        time::instant,
    },
    resources::decisions::{NamedClosureView, RuleView, WarningView},
};

/// The most days of one overview.
const MOST_DAYS: i32 = 31;
/// The most spans of one answer, which then has some 25 MB.
const MOST_SPANS: usize = 200_000;

query_parameters! {
    /// Which days of which groups.
    pub(crate) struct OverviewQuery {
        /// The first day, on the server's clock; left out, today.
        from: CalendarDay,
        /// The first day after, at most 31 days later; left out, four weeks after `from`.
        to: CalendarDay,
        /// The page, counted from 1.
        page: WithinOr<1, 1_000_000, 1>,
        /// How many groups a page holds, at most 1,000.
        per_page: WithinOr<1, 1_000, 1_000>,
    }
}

/// What holds of a group between two instants.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupOverviewView {
    #[schema(minimum = 1, example = 427)]
    id: i64,
    name: String,
    /// The account that owns it: the user or a sub-user.
    user_id: Uuid,
    /// The IANA zone of the group.
    #[schema(example = "Asia/Shanghai")]
    timezone: &'static str,
    #[schema(minimum = 1)]
    version: i64,
    /// How many seconds it is open in all.
    #[schema(minimum = 0)]
    open_seconds: i64,
    /// What holds, in order and without gaps, from the first instant to the last.
    #[schema(min_items = 1)]
    spans: Vec<RuledSpanView>,
    /// Whether the holiday calendar ends before the last day.
    warning: Option<WarningView>,
}

/// A span in which calls may go out or not, and the rule that decides.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RuledSpan)]
pub(crate) struct RuledSpanView {
    /// The first instant, with the offset of the group's zone.
    #[schema(format = "date-time", example = "2026-10-12T08:00:00+08:00")]
    begin_at: String,
    /// The first instant after.
    #[schema(format = "date-time", example = "2026-10-12T20:00:00+08:00")]
    end_at: String,
    /// Whether calls may go out.
    open: bool,
    rule: RuleView,
    /// What the rule is called: the feast, the exception, the season, the closure, or why someone stopped or overrode it.
    #[schema(example = "国庆节")]
    name: Option<String>,
    /// All planned closures that hold in any part of the span, the last to end first.
    closures: Vec<NamedClosureView>,
}

/// Overview of all groups
///
/// What holds of each group of the user and of all its sub-users, or with `sub_user_id` of one of them, on these days: when calls may go out,
/// when not, and by which rule. Overrides, planned closures, ceilings, stops and disabled accounts count, as they are now. In one answer for up to 1,000
/// groups; for more, page by page. An answer has at most 200,000 spans. Unknown parameters are refused by name.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/overview", tag = "decision", operation_id = "overview",
    params(UserPath, OverviewQuery, SubUserQuery),
    responses((status = 200, body = PagedEnvelope<Vec<GroupOverviewView>>)))]
pub(crate) async fn overview(request: AccountRequest) -> Result<Answer<Vec<GroupOverviewView>>, Problem> {
    let (days, page) = asked(&request)?;
    let range = days.instants(request.api.settings.zone);
    let mut read = request.read().await?;
    let accounts = accounts::with_sub_users(&mut read, request.account).await?;
    let found = groups::list_of_accounts(&mut read, &accounts, page).await?;
    let holds = Holds::read(&mut read, request.caller.partner, &accounts).await?;
    let groups = schedules::of_all(&mut read, found.items).await?;
    // No connection is kept while it is written.
    drop(read);
    let (mut views, mut spans) = (Vec::with_capacity(groups.len()), 0);
    for group in &groups {
        let hold = holds.of(group.group.account_id);
        let view = GroupOverviewView::new(group, range, hold, days, request.caller.language);
        spans += view.spans.len();
        if spans > MOST_SPANS {
            return Err(Problem::fault("to", FaultRule::TooMany(Counted::Spans, MOST_SPANS)));
        }
        views.push(view);
        // Others have their turn meanwhile.
        tokio::task::yield_now().await;
    }
    let found = store::Paged { items: views, total: found.total };
    Ok(Answer::page(Message::Overview, page, found, |view| view))
}

/// The days and the page that are asked for.
fn asked(request: &AccountRequest) -> Result<(Days, Page), Problem> {
    let mut faults = Faults::default();
    let OverviewQuery { from, to, page, per_page } = OverviewQuery::read(&request.query, &mut faults);
    let today = date_at(request.caller.now, request.api.settings.zone);
    let days = Days::parse(from.as_deref(), to.as_deref(), today, &mut faults);
    let days = days.and_then(|days| {
        let rule = if days.count() > MOST_DAYS { Err(FaultRule::TooManyDays(MOST_DAYS)) } else { Ok(days) };
        faults.check("to", rule)
    });
    Ok(faults.finish(days.map(|days| (days, Page { number: page, size: per_page })))?)
}

/// What holds accounts as a whole, with why they are stopped.
struct Holds(HashMap<AccountId, (AccountHold, Option<String>)>);

impl Holds {
    /// Of a user and its sub-users, or of one sub-user: the first of them is who is asked about.
    async fn read(read: &mut Read, partner: PartnerId, accounts: &[AccountId]) -> Result<Self, Problem> {
        let stopped = stops::among(read, accounts, &[]).await?.accounts;
        let disabled = accounts::disabled_among(read, accounts).await?;
        let mut holds: HashMap<_, _> =
            disabled.into_iter().map(|account| (account, (AccountHold::Disabled, None))).collect();
        // What stops the user stops its sub-users, and is what is named of them; else each that is stopped has a stop of its own.
        let of_all = match accounts.first() {
            Some(first) if stopped.contains(first) => reason_to_stop(read, partner, *first).await?,
            _ => None,
        };
        for account in stopped {
            let reason = match &of_all {
                Some(reason) => Some(reason.clone()),
                None => reason_to_stop(read, partner, account).await?,
            };
            holds.insert(account, (AccountHold::Stopped, reason));
        }
        Ok(Self(holds))
    }

    fn of(&self, account: AccountId) -> Option<&(AccountHold, Option<String>)> {
        self.0.get(&account)
    }
}

/// Why an account is stopped, if that is said.
async fn reason_to_stop(
    read: &mut Read,
    partner: PartnerId,
    account: AccountId,
) -> Result<Option<String>, Problem> {
    let covering = stops::covering(read, StopTarget::Account(partner, account)).await?;
    let reason = covering.into_iter().next().and_then(|named| named.stop.reason);
    Ok(reason.map(|reason| reason.as_str().to_owned()))
}

impl GroupOverviewView {
    fn new(
        CompiledGroup { group, schedule }: &CompiledGroup,
        (from, to): (Timestamp, Timestamp),
        hold: Option<&(AccountHold, Option<String>)>,
        days: Days,
        language: Language,
    ) -> Self {
        let zone = group.draft.timezone;
        let spans = match hold {
            Some((by, name)) => vec![RuledSpanView::held(schedule, (from, to), *by, name.clone())],
            None => schedule.ruled_spans(from, to).map(|span| RuledSpanView::new(schedule, &span)).collect(),
        };
        let open = if hold.is_some() { 0 } else { schedule.open_time(from, to).as_secs() };
        Self {
            id: group.id.get(),
            name: group.draft.name.as_str().to_owned(),
            user_id: group.account_id.uuid(),
            timezone: zone.name(),
            version: group.version,
            open_seconds: open,
            spans,
            warning: warning(schedule.schedule(), days, language),
        }
    }
}

impl RuledSpanView {
    fn new(schedule: &EffectiveSchedule, ruled: &RuledSpan<'_>) -> Self {
        let zone = *schedule.zone();
        Self {
            closures: NamedClosureView::between(schedule, (ruled.span.begin, ruled.span.end), zone),
            begin_at: instant(zone, ruled.span.begin),
            end_at: instant(zone, ruled.span.end),
            open: ruled.open,
            rule: ruled.reason.rule.into(),
            name: ruled.reason.name.map(str::to_owned),
        }
    }

    /// Of an account that is held: nothing goes out until that ends.
    fn held(
        schedule: &EffectiveSchedule,
        (from, to): (Timestamp, Timestamp),
        by: AccountHold,
        name: Option<String>,
    ) -> Self {
        let zone = *schedule.zone();
        let closures = NamedClosureView::between(schedule, (from, to), zone);
        let rule = match by {
            AccountHold::Stopped => RuleView::Stopped,
            AccountHold::Disabled => RuleView::AccountDisabled,
        };
        Self { begin_at: instant(zone, from), end_at: instant(zone, to), open: false, rule, name, closures }
    }
}
