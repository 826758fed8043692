//! Reads a file that came from an address, as whoever set the address wished, and plans what it changes.

use domain::{
    CalendarFeed, FeedFailure, FeedFault, HolidayCalendars, HolidayImport, HolidayImportOptions,
    HolidayImportRefusal, plan_holiday_import,
};
use holiday_files::{FileFault, HolidayFile, ReadOptions};
use jiff::civil::Date;

/// What a file says.
pub(super) async fn read(
    bytes: Vec<u8>,
    feed: &CalendarFeed,
    today: Date,
) -> Result<HolidayFile, FeedFailure> {
    let options = ReadOptions {
        calendar: Some(feed.calendar.as_str().to_owned()),
        known_until: None,
        today,
        unclear: feed.unclear,
    };
    // A megabyte of events takes a moment of a processor.
    let read = tokio::task::spawn_blocking(move || holiday_files::read(&bytes, &options));
    match read.await {
        Ok(read) => read.map_err(|fault| refusal(&fault)),
        Err(error) => {
            tracing::error!(%error, "reading a file did not end");
            Err(FeedFailure::new(FeedFault::Unreadable, ""))
        }
    }
}

/// What a file would change. Nobody is there to answer for less than there was, so that is refused; and make-up workdays that it says nothing
/// of stay.
pub(super) fn plan(before: &HolidayCalendars, file: &HolidayFile) -> Result<HolidayImport, FeedFailure> {
    plan_holiday_import(before, &file.years, HolidayImportOptions::default()).map_err(|refusal| {
        let year = match refusal {
            HolidayImportRefusal::FewerDays { year, .. } => year,
            HolidayImportRefusal::Thin(thin) => thin.year,
        };
        FeedFailure::new(FeedFault::FewerDays, &year.to_string())
    })
}

fn refusal(fault: &FileFault) -> FeedFailure {
    let failure = |fault, detail: &str| FeedFailure::new(fault, detail);
    match fault {
        FileFault::TooLarge => failure(FeedFault::TooLarge, ""),
        FileFault::TooManyDays => failure(FeedFault::TooLarge, "too many days"),
        FileFault::TooManyEvents => failure(FeedFault::TooLarge, "too many events"),
        FileFault::NotText => failure(FeedFault::Unreadable, "not text in UTF-8 or GB18030"),
        FileFault::Form(what) => failure(FeedFault::Unreadable, what),
        FileFault::Entry { place, message } => failure(FeedFault::Unreadable, &format!("{place}: {message}")),
        FileFault::Empty | FileFault::Nothing(_) => failure(FeedFault::NoHolidays, ""),
        FileFault::KnownUntil { year } => failure(FeedFault::KnownUntilNeeded, &year.to_string()),
        FileFault::Contradiction { place, date, .. } => {
            failure(FeedFault::Contradiction, &format!("{place}: {date}"))
        }
        FileFault::NotUnderstood(unclear) => {
            let places: Vec<&str> = unclear.iter().map(|unclear| unclear.place.as_str()).collect();
            failure(FeedFault::NotUnderstood, &places.join(", "))
        }
        FileFault::Calendar(faults) => {
            let places: Vec<&str> = faults.iter().map(|fault| fault.place.as_str()).collect();
            failure(FeedFault::InvalidDays, &places.join(", "))
        }
    }
}
