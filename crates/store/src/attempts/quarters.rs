//! How many tries there were in each quarter of an hour, from the counters.

use domain::{AccountId, DialTimeGroupId, HOUR, InstantRange, QUARTER};
use jiff::Timestamp;

use crate::{
    Result, Session,
    database::{convert::timestamp, statement::query_as},
};

/// The tries of a quarter of an hour, of all tasks of an account that use a group now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuarterCount {
    /// The group; `None`: the tasks are gone.
    pub group: Option<DialTimeGroupId>,
    /// When the quarter begins.
    pub begin: Timestamp,
    /// How many calls were dialed in it that counted as a try.
    pub tries: i64,
    /// How many of them were answered.
    pub answered: i64,
}

/// A group, an hour, and by the hour's quarters the tries and those that were answered.
type HourRow = (Option<i64>, i64, i64, i64, i64, i64, i64, i64, i64, i64);

/// The quarters that begin in a range of time and have any try, by group and in order; tasks that are gone last.
///
/// # Errors
/// When the database does not answer.
pub async fn quarters(
    session: &mut dyn Session,
    account: AccountId,
    range: InstantRange,
) -> Result<Vec<QuarterCount>> {
    let micros = range.micros();
    let hours = micros.start.div_euclid(HOUR)..-(-micros.end).div_euclid(HOUR);
    let rows: Vec<HourRow> = on!(session, c => query_as(sql!(
        "SELECT tasks.dial_time_id, counted.hour, \
             CAST(sum(quarter_0) AS BIGINT), CAST(sum(quarter_1) AS BIGINT), \
             CAST(sum(quarter_2) AS BIGINT), CAST(sum(quarter_3) AS BIGINT), \
             CAST(sum(CASE WHEN outcome = 1 THEN quarter_0 ELSE 0 END) AS BIGINT), \
             CAST(sum(CASE WHEN outcome = 1 THEN quarter_1 ELSE 0 END) AS BIGINT), \
             CAST(sum(CASE WHEN outcome = 1 THEN quarter_2 ELSE 0 END) AS BIGINT), \
             CAST(sum(CASE WHEN outcome = 1 THEN quarter_3 ELSE 0 END) AS BIGINT) \
         FROM attempt_hours counted LEFT JOIN tasks ON tasks.account_id = counted.account_id AND tasks.id = counted.task_id \
         WHERE counted.account_id = $1 AND counted.hour >= $2 AND counted.hour < $3 AND counted.outcome >= 0 \
         GROUP BY tasks.dial_time_id, counted.hour"))
        .bind(account.uuid()).bind(hours.start).bind(hours.end).fetch_all(c).await)?;
    let mut counts = Vec::new();
    for row in rows {
        counts.extend(of_hour(row)?);
    }
    counts.retain(|count| count.tries > 0 && range.from <= count.begin && count.begin < range.until);
    counts.sort_by_key(|count| (count.group.is_none(), count.group, count.begin));
    Ok(counts)
}

fn of_hour((group, hour, t0, t1, t2, t3, a0, a1, a2, a3): HourRow) -> Result<Vec<QuarterCount>> {
    let group = group.map(DialTimeGroupId::new);
    let begins = (0..).map(|quarter| hour * HOUR + quarter * QUARTER);
    let counts = begins.zip([(t0, a0), (t1, a1), (t2, a2), (t3, a3)]);
    counts
        .map(|(begin, (tries, answered))| {
            Ok(QuarterCount { group, begin: timestamp(begin)?, tries, answered })
        })
        .collect()
}
