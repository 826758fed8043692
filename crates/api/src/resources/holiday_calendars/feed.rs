//! The address that a holiday calendar follows, as it is answered.

use calendar::Zone;
use domain::{CalendarFeed, FeedEntry, FeedFailing, FeedFault};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{choices::choice, formats::LocalTimeSchema, holiday_file::UnclearChoice, time::stamp};

choice! {
    /// In which way an address of holidays fails.
    pub(crate) enum FeedFaultChoice as FeedFault for FeedFault {
        /// The address, or one that it sends to, is not public, and the operator does not allow such.
        AddressNotPublic = "address_not_public",
        /// There was no answer.
        Unreachable = "unreachable",
        /// The whole answer did not come within 30 seconds.
        TimedOut = "timed_out",
        /// It sends elsewhere more than three times, from `https` to `http`, or to what is no address.
        Redirected = "redirected",
        /// It answered with another status than 200: `detail` has it.
        Status = "status",
        /// The file has more than 1 MiB, or too many days.
        TooLarge = "too_large",
        /// The file can be read in none of the forms.
        Unreadable = "unreadable",
        /// The file has no days.
        NoHolidays = "no_holidays",
        /// The file has days of the first week of its last year only, and does not say how far it is complete.
        KnownUntilNeeded = "known_until_needed",
        /// The file says of a date that it is off and that it is worked.
        Contradiction = "contradiction",
        /// The file has entries that may be off or worked: say with `unclear` what they are.
        NotUnderstood = "not_understood",
        /// A year would have less than half as many days as before, or as other years: import the file yourself if it is right.
        FewerDays = "fewer_days",
        /// Days of the file break the rules of calendars.
        InvalidDays = "invalid_days",
    }
}

/// The address that a holiday calendar follows. It is read every day, and every hour while that fails; what was last read without a fault stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CalendarFeed)]
pub(crate) struct CalendarFeedView {
    #[schema(format = "uri", example = "https://example.com/holidays.ics")]
    url: String,
    /// What its entries are that are not understood; `null`: a file that has some is refused.
    unclear: Option<UnclearChoice>,
    /// When it was last read without a fault; `null`: not yet.
    #[schema(value_type = Option<LocalTimeSchema>)]
    read_at: Option<String>,
    /// When it last changed the calendar; `null`: not yet.
    #[schema(value_type = Option<LocalTimeSchema>)]
    changed_at: Option<String>,
    /// How many days the file said nothing of that stayed all the same, such as the make-up workdays of a year that it has only days off of.
    kept_days: u32,
    /// The entries of the last file that were not understood, at most 100 of them: left out as `unclear` says, or why the file was refused.
    #[schema(max_items = 100)]
    not_understood: Vec<FeedEntryView>,
    /// The years of which the last good file has only days that come back every year, although it writes down days of other years one by one:
    /// holidays whose dates change from year to year may be missing of them.
    #[schema(example = json!([2028]))]
    only_repeated: Vec<i16>,
    /// What is wrong with it; `null`: nothing.
    failing: Option<FeedFailingView>,
}

/// What is wrong with an address of holidays.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FeedFailing)]
pub(crate) struct FeedFailingView {
    fault: FeedFaultChoice,
    /// What else is known, in English: a status, what the network said, places in the file.
    #[schema(example = "503")]
    detail: String,
    /// Since when each reading has failed.
    #[schema(value_type = LocalTimeSchema)]
    since: String,
    /// When it was last tried.
    #[schema(value_type = LocalTimeSchema)]
    tried_at: String,
}

/// An entry of a file that was not understood.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FeedEntry)]
pub(crate) struct FeedEntryView {
    /// Where it stands in the file.
    #[schema(example = "event 3 (值班)")]
    place: String,
    name: String,
    /// Its first day, if it has one.
    #[schema(format = "date", example = "2027-02-06")]
    date: Option<String>,
}

impl FeedEntryView {
    fn new(entry: &FeedEntry) -> Self {
        let FeedEntry { place, name, date } = entry;
        Self { place: place.clone(), name: name.clone(), date: date.map(|date| date.to_string()) }
    }
}

impl CalendarFeedView {
    pub(crate) fn new(feed: &CalendarFeed, zone: Zone) -> Self {
        let stamp = |instant| stamp(zone, instant);
        let state = &feed.state;
        let failing = |failing: &FeedFailing| FeedFailingView {
            fault: failing.failure.fault.into(),
            detail: failing.failure.detail.clone(),
            since: stamp(failing.since),
            tried_at: stamp(failing.at),
        };
        Self {
            url: feed.url.as_str().to_owned(),
            unclear: feed.unclear.map(Into::into),
            read_at: state.read_at.map(stamp),
            changed_at: state.changed_at.map(stamp),
            kept_days: state.kept_days,
            not_understood: state.not_understood.iter().map(FeedEntryView::new).collect(),
            only_repeated: state.only_repeated.clone(),
            failing: state.failing.as_ref().map(failing),
        }
    }
}
