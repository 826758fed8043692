//! What an account dialed on a day, by quarters of an hour, and what it dials now.

use std::collections::BTreeMap;

use calendar::Zone;
use domain::{DialTimeGroupId, Faults, InstantRange};
use jiff::ToSpan;
use serde::Serialize;
use store::{
    attempts::{self, QuarterCount},
    dialing::{self, AccountCalls},
};
use utoipa::ToSchema;

use super::view::CallsView;
use crate::{
    http::{
        envelope::{Answer, Envelope},
        extract::AccountRequest,
        formats::{DateSchema, LocalTimeSchema},
        messages::Message,
        path::UserPath,
        problem::Problem,
        query::{QueryParameters, SubUserQuery, query_parameters},
        time::stamp,
    },
    resources::group_calendars::{CalendarDay, Days, date_at},
};

query_parameters! {
    /// Which day.
    pub(crate) struct DialedDayQuery {
        /// The day, on the server's clock; left out, today.
        date: CalendarDay,
    }
}

/// What an account dialed on a day.
#[derive(Serialize, ToSchema)]
#[schema(as = DialedDay)]
pub(crate) struct DialedDayView {
    #[schema(value_type = DateSchema)]
    date: String,
    /// Its calls now.
    calls: CallsView,
    /// How many numbers of its enabled tasks are still to be called, now.
    #[schema(minimum = 0)]
    to_call: i64,
    /// How many calls were dialed on that day; attempts that count no try are left out.
    #[schema(minimum = 0)]
    tries: i64,
    /// How many of them were answered.
    #[schema(minimum = 0)]
    answered: i64,
    /// By the group that their tasks use now, those that dialed nothing left out.
    groups: Vec<DialedDayOfGroupView>,
}

/// What the tasks of a group dialed on a day.
#[derive(Serialize, ToSchema)]
#[schema(as = DialedDayOfGroup)]
struct DialedDayOfGroupView {
    /// The group; `null`: the tasks are deleted.
    dial_time_id: Option<i64>,
    /// In order, those without a call left out.
    quarters: Vec<DialedQuarterView>,
}

/// What was dialed in a quarter of an hour.
#[derive(Serialize, ToSchema)]
#[schema(as = DialedQuarter)]
struct DialedQuarterView {
    /// When it begins.
    #[schema(value_type = LocalTimeSchema)]
    at: String,
    #[schema(minimum = 1)]
    tries: i64,
    #[schema(minimum = 0)]
    answered: i64,
}

/// What was dialed on a day?
///
/// Tries and answers of all tasks of the account, those of sub-users apart, by the quarter of an hour in which they were dialed; calls
/// now; and the numbers still to be called.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/stat", tag = "record", operation_id = "dialed_day",
    params(UserPath, DialedDayQuery, SubUserQuery), responses((status = 200, body = Envelope<DialedDayView>)))]
pub(crate) async fn day(request: AccountRequest) -> Result<Answer<DialedDayView>, Problem> {
    let AccountRequest { api, caller, account, query, .. } = &request;
    let zone = api.settings.zone;
    let mut faults = Faults::default();
    let date = DialedDayQuery::read(query, &mut faults).date;
    let today = date_at(caller.now, zone);
    let first = Days::parse_day("date", date.as_deref(), today, &mut faults);
    let from = faults.finish(first)?;
    let days = Days { from, to: from.saturating_add(1.day()) };
    let (from, until) = days.instants(zone);
    let mut read = request.read().await?;
    let quarters = attempts::quarters(&mut read, *account, InstantRange { from, until }).await?;
    let now = dialing::calls_of_account(&mut read, *account).await?;
    Ok(Answer::new(Message::DialedDay, DialedDayView::new(days, now, &quarters, zone)))
}

impl DialedDayView {
    fn new(days: Days, now: AccountCalls, quarters: &[QuarterCount], zone: Zone) -> Self {
        let mut groups = BTreeMap::<(bool, Option<DialTimeGroupId>), Vec<DialedQuarterView>>::new();
        for quarter in quarters {
            let key = (quarter.group.is_none(), quarter.group);
            groups.entry(key).or_default().push(DialedQuarterView::new(quarter, zone));
        }
        let group = |((_, id), quarters): ((bool, Option<DialTimeGroupId>), Vec<DialedQuarterView>)| {
            DialedDayOfGroupView { dial_time_id: id.map(DialTimeGroupId::get), quarters }
        };
        Self {
            date: days.from.to_string(),
            calls: CallsView::new(now.ringing, now.talking),
            to_call: now.to_call,
            tries: quarters.iter().map(|quarter| quarter.tries).sum(),
            answered: quarters.iter().map(|quarter| quarter.answered).sum(),
            groups: groups.into_iter().map(group).collect(),
        }
    }
}

impl DialedQuarterView {
    fn new(quarter: &QuarterCount, zone: Zone) -> Self {
        Self { at: stamp(zone, quarter.begin), tries: quarter.tries, answered: quarter.answered }
    }
}
