//! Reads a file that came from an address, as whoever set the address wished, and plans what it changes.

use domain::{
    CalendarFeed, FeedEntry, FeedFailure, FeedFault, HolidayCalendars, HolidayImport, HolidayImportOptions,
    HolidayImportRefusal, plan_holiday_import,
};
use holiday_files::{FileFault, HolidayFile, LeftOut, LeftOutReason, ReadOptions};
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

/// The entries of a file that were left out because they were not understood.
pub(super) fn not_understood(left_out: &[LeftOut]) -> Vec<FeedEntry> {
    let unclear =
        left_out.iter().filter(|left_out| matches!(left_out.reason, LeftOutReason::NotUnderstood(_)));
    let entry = |left_out: &LeftOut| FeedEntry {
        place: left_out.place.clone(),
        name: left_out.name.clone(),
        date: left_out.date,
    };
    unclear.map(entry).collect()
}

fn refusal(fault: &FileFault) -> FeedFailure {
    let failure = |fault, detail: &str| FeedFailure::new(fault, detail);
    match fault {
        FileFault::TooLarge => failure(FeedFault::TooLarge, ""),
        FileFault::TooManyDays => failure(FeedFault::TooLarge, "too many days"),
        FileFault::TooManyEvents => failure(FeedFault::TooLarge, "too many events"),
        FileFault::NotText => {
            failure(FeedFault::Unreadable, "not text, or in an encoding that cannot be told: UTF-8 can")
        }
        FileFault::Form(what) => failure(FeedFault::Unreadable, what),
        FileFault::Entry { place, message } => failure(FeedFault::Unreadable, &format!("{place}: {message}")),
        FileFault::Empty | FileFault::Nothing(_) => failure(FeedFault::NoHolidays, ""),
        FileFault::KnownUntil { year } => failure(FeedFault::KnownUntilNeeded, &year.to_string()),
        FileFault::Contradiction { place, date, .. } => {
            failure(FeedFault::Contradiction, &format!("{place}: {date}"))
        }
        FileFault::NotUnderstood(unclear) => {
            let places: Vec<&str> = unclear.iter().map(|unclear| unclear.place.as_str()).collect();
            let entries = unclear.iter().map(|unclear| FeedEntry {
                place: unclear.place.clone(),
                name: unclear.name.clone(),
                date: unclear.date,
            });
            failure(FeedFault::NotUnderstood, &places.join(", ")).of_entries(entries)
        }
        FileFault::Calendar(faults) => {
            let places: Vec<&str> = faults.iter().map(|fault| fault.place.as_str()).collect();
            failure(FeedFault::InvalidDays, &places.join(", "))
        }
    }
}
