//! Holiday calendars.
use crate::{Result, Session};
use domain::HolidayCalendars;
/// x
///
/// # Errors
/// x
pub async fn revision(session: &mut impl Session) -> Result<i64> {
    Ok(
        on!(session, c => sqlx::query_scalar("SELECT coalesce(max(revision), 0) FROM holiday_imports").fetch_one(c).await)?,
    )
}
/// x
///
/// # Errors
/// x
pub async fn load(_session: &mut impl Session) -> Result<HolidayCalendars> {
    Ok(HolidayCalendars::built_in())
}
