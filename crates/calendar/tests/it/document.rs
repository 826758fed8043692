//! A group with instants to ask it about, as one JSON document, and what must hold of every such document.
//!
//! Shared: the fuzz target in `fuzz/` checks what it makes up, and `seeds.rs` checks the documents it starts from.

use std::{fmt::Debug, sync::Arc};

use calendar::{
    BeyondHorizon, CalendarFault, DayWindowsInput, DecidingRule, Decision, ExceptionEffect, ExceptionInput,
    Exceptions, FAULTS_REPORTED, HolidayCalendar, HolidayCalendarInput, HolidayPolicy, MakeupPolicy,
    Schedule, SeasonInput, Seasons, Span, Warning, WeeklyWindows, Window, WindowInput, Zone,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    layered::{Layered, SpanOfLayer},
    oracle::{Group, compare},
};

/// The instants answers are exact for.
const FIRST: Timestamp = Timestamp::UNIX_EPOCH;
const END: Timestamp = Timestamp::constant(7_289_654_400, 0);

const NANOSECOND: SignedDuration = SignedDuration::from_nanos(1);
const HOUR: i64 = 3600;

/// How many changes after an instant are followed, and how many spans.
const CHANGES: usize = 6;
const SPANS: usize = 12;

/// All that a client may say of a group, unchecked, and when to ask.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Document {
    pub(crate) content: Vec<DayWindowsInput>,
    pub(crate) zone: String,
    #[serde(default)]
    pub(crate) seasons: Vec<SeasonInput>,
    #[serde(default)]
    pub(crate) holiday_policy: HolidayPolicy,
    #[serde(default)]
    pub(crate) holiday_windows: Vec<WindowInput>,
    /// Whether only exceptions look at the calendars.
    #[serde(default)]
    pub(crate) keeps_holidays: bool,
    #[serde(default)]
    pub(crate) makeup_policy: MakeupPolicy,
    #[serde(default)]
    pub(crate) beyond_horizon: BeyondHorizon,
    #[serde(default)]
    pub(crate) holidays: Holidays,
    #[serde(default)]
    pub(crate) more_holidays: Vec<HolidayCalendarInput>,
    #[serde(default)]
    pub(crate) exceptions: Vec<ExceptionInput>,
    /// What the group is set to for a while.
    #[serde(default)]
    pub(crate) over: Option<SpanOfLayer>,
    /// When all is closed, the group and what lies below it.
    #[serde(default)]
    pub(crate) closures: Vec<SpanOfLayer>,
    pub(crate) instants: Vec<Timestamp>,
}

/// The days a group skips.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Holidays {
    #[default]
    None,
    #[serde(rename = "CN")]
    China,
    Own(HolidayCalendarInput),
}

/// That a rule of the wire form was broken.
struct Refused;

impl Document {
    /// Checks all that is promised of its group, and of that within layers. Tells whether the group is one that may be sent.
    pub(crate) fn check(&self) -> bool {
        let Some(subject) = self.check_group() else { return false };
        let layers = |below, above| Layered::new(below, self.over.as_ref(), &self.closures, above);
        let layered = [layers(&subject.weekly, &subject.group), layers(&subject.group, &subject.seasonal)];
        for instant in self.instants.iter().filter(|instant| (FIRST..END).contains(*instant)) {
            for layered in &layered {
                layered.check_from(*instant);
            }
        }
        true
    }

    /// Checks all that is promised of its group and panics where it does not hold; gives it if it is one that may be sent.
    fn check_group(&self) -> Option<Subject> {
        let subject = Subject::new(self.group().ok()?, self.exceptions.clone());
        for instant in &self.instants {
            subject.check_from(*instant);
        }
        Some(subject)
    }

    /// Reads every part, also when another is at fault.
    fn group(&self) -> Result<Group, Refused> {
        let windows = taken(&self.content, WeeklyWindows::parse(self.content.clone()), |text| {
            serde_json::from_str(text).ok()
        });
        let exceptions = taken(&self.exceptions, Exceptions::parse(self.exceptions.clone()), |text| {
            serde_json::from_str(text).ok()
        });
        let seasons = taken(&self.seasons, Seasons::parse(self.seasons.clone()), |text| {
            serde_json::from_str(text).ok()
        });
        let own = |it: &WindowInput| Window::parse(&it.begin_time, &it.end_time).map_err(|_| Refused);
        let holiday_windows: Result<Vec<Window>, Refused> = self.holiday_windows.iter().map(own).collect();
        let calendars = self.calendars();
        let zone = zone(&self.zone);
        Ok(Group {
            windows: windows?,
            zone: zone?,
            seasons: seasons?,
            calendars: calendars?,
            skips_holidays: !self.keeps_holidays,
            holiday_policy: self.holiday_policy,
            holiday_windows: holiday_windows?,
            makeup_policy: self.makeup_policy,
            beyond_horizon: self.beyond_horizon,
            exceptions: exceptions?,
        })
    }

    fn calendars(&self) -> Result<Vec<Arc<HolidayCalendar>>, Refused> {
        let own = |input: &HolidayCalendarInput| {
            let parsed = HolidayCalendar::parse(input.clone());
            taken(input, parsed, |text| HolidayCalendar::from_json(text).ok()).map(Arc::new)
        };
        let first = match &self.holidays {
            Holidays::None => None,
            Holidays::China => Some(Ok(HolidayCalendar::china())),
            Holidays::Own(input) => Some(own(input)),
        };
        first.into_iter().chain(self.more_holidays.iter().map(own)).collect()
    }
}

/// What was parsed, after a look that reading the JSON takes and refuses the same, and that what is shown reads back.
fn taken<T: Serialize + PartialEq + Debug>(
    input: &impl Serialize,
    parsed: Result<T, Vec<CalendarFault>>,
    read: impl Fn(&str) -> Option<T>,
) -> Result<T, Refused> {
    let sent = serde_json::to_string(input).unwrap();
    match parsed {
        Ok(value) => {
            let shown = serde_json::to_string(&value).unwrap();
            assert_eq!(read(&sent).as_ref(), Some(&value), "sent as {sent}");
            assert_eq!(read(&shown).as_ref(), Some(&value), "shown as {shown}");
            Ok(value)
        }
        Err(faults) => {
            assert!((1..=FAULTS_REPORTED).contains(&faults.len()), "{} faults in {sent}", faults.len());
            assert!(faults.iter().all(|fault| !fault.to_string().is_empty()));
            assert_eq!(read(&sent), None, "sent as {sent}");
            Err(Refused)
        }
    }
}

/// Every zone of the database, so that those with the oddest clocks are met too; abbreviations are refused elsewhere.
fn zone(name: &str) -> Result<Zone, Refused> {
    let known = Zone::from_database(name);
    if let Ok(zone) = Zone::parse(name) {
        assert_eq!(Ok(zone), known, "{name}");
        assert_eq!(Zone::parse(zone.name()), Ok(zone), "{name}");
    }
    known.map_err(|_| Refused)
}

/// A group as compiled, as the oracle reads it, and as the oracle would read it if it had weekly windows only, or these and seasons.
pub(crate) struct Subject {
    schedule: Schedule,
    group: Group,
    weekly: Group,
    seasonal: Group,
    /// The group without the exceptions that narrow or close.
    wider: Group,
}

impl Subject {
    fn new(group: Group, mut exceptions: Vec<ExceptionInput>) -> Subject {
        let seasonal = Group { calendars: vec![], exceptions: Exceptions::default(), ..group.clone() };
        let weekly = Group { seasons: Seasons::default(), ..seasonal.clone() };
        let narrows = [ExceptionEffect::Only, ExceptionEffect::Close].map(ExceptionEffect::code);
        exceptions.retain(|it| it.effect.as_deref().is_none_or(|effect| !narrows.contains(&effect)));
        let exceptions = Exceptions::parse(exceptions).unwrap_or_default();
        let wider = Group { exceptions, ..group.clone() };
        Subject { schedule: group.compile(), group, weekly, seasonal, wider }
    }

    fn check_from(&self, instant: Timestamp) {
        if !(FIRST..END).contains(&instant) {
            // Nothing is promised here but an answer.
            self.schedule.decide(instant);
            self.schedule.spans(instant, instant.max(FIRST)).take(SPANS).count();
            return;
        }
        let second = instant.as_second();
        let (from, to) = ((second - HOUR).max(FIRST.as_second()), (second + HOUR).min(END.as_second()));
        compare(&self.group, &self.schedule, from, to);
        self.check_spans(instant);
        let mut at = Some(instant);
        for _ in 0..CHANGES {
            at = at.and_then(|at| self.check_until_change(at));
        }
    }

    /// Checks that the answer holds up to the next change and not longer; returns that change.
    fn check_until_change(&self, from: Timestamp) -> Option<Timestamp> {
        let (group, schedule) = (&self.group, &self.schedule);
        let (open, next) = (schedule.is_open(from), schedule.next_change(from));
        assert!(next.is_none_or(|next| next > from), "the change after {from} is at {next:?}");
        self.check_decision(from);
        let change = next.filter(|change| *change < END);
        for instant in points(from, change.unwrap_or(END)) {
            assert_eq!(schedule.is_open(instant), open, "{instant} is not like {from}");
            assert_eq!(group.is_open(instant), open, "{instant} ought to be like {from}");
            assert_eq!(schedule.next_change(instant), next, "after {instant}, in the same stretch as {from}");
            self.check_reason(&schedule.decide(instant), instant);
        }
        if let Some(change) = change {
            assert_ne!(schedule.is_open(change), open, "{change} is like {from}");
            assert_ne!(group.is_open(change), open, "{change} ought not to be like {from}");
        }
        change
    }

    fn check_decision(&self, instant: Timestamp) {
        let (group, schedule, decision) = (&self.group, &self.schedule, self.schedule.decide(instant));
        assert_eq!(decision.allowed, schedule.is_open(instant), "{instant}");
        assert_eq!(decision.next_change, schedule.next_change(instant), "{instant}");
        assert_eq!(decision.next_opening, schedule.next_opening(instant), "{instant}");
        // It is the first: only the stretch that holds now and, if that is open, the closed one after lie between.
        let closed_from = if decision.allowed { decision.next_change } else { Some(instant) };
        let opening = closed_from.and_then(|closed_from| schedule.next_change(closed_from));
        assert_eq!(decision.next_opening, opening, "after {instant}");
        if let Some(opening) = opening.filter(|opening| *opening < END) {
            assert!(
                group.is_open(opening) && !group.is_open(opening - NANOSECOND),
                "{opening} after {instant}"
            );
        }
        assert!(decision.valid_until.is_none_or(|until| until > instant), "{instant}");
        assert!(decision.next_change.is_none_or(|change| decision.valid_until <= Some(change)), "{instant}");
    }

    fn check_reason(&self, decision: &Decision<'_>, instant: Timestamp) {
        let (reason, allowed) = (decision.reason, decision.allowed);
        let today = self.group.zone.time_zone().to_datetime(instant).date();
        let of_yesterday = today.yesterday().is_ok_and(|yesterday| yesterday == reason.date());
        assert!(reason.date() == today || of_yesterday, "{instant}: {reason:?}");
        let of_day = self.schedule.reason_of_day(reason.date()).rule;
        let by_exception = [reason.rule, of_day].contains(&DecidingRule::Exception);
        assert!(by_exception || reason.rule == of_day, "{instant}: {reason:?} on a day of {of_day:?}");
        // What narrows and closes opens nothing, and is told where it closes what else would be open.
        let wider = self.wider.is_open(instant);
        assert!(!allowed || wider, "{instant} is open only where an exception narrows or closes");
        let by_exception = reason.rule == DecidingRule::Exception;
        assert!(allowed || !wider || by_exception, "{instant}: {reason:?}, and an exception closes");
        assert!(!by_exception || self.group.is_excepted(reason.date()), "{instant}: {reason:?}");
        match reason.rule {
            DecidingRule::BeyondHorizon => assert!(!allowed, "{instant}: {reason:?}"),
            DecidingRule::Holiday => {
                let own = self.group.holiday_policy == HolidayPolicy::OwnWindows;
                assert!(!allowed || own || reason.windows_of.is_some(), "{instant}: {reason:?}");
            }
            // Nobody may be sent to the weekly windows for an answer that they do not give.
            DecidingRule::Weekly => {
                assert_eq!(allowed, self.weekly.is_open(instant), "{instant}: {reason:?}");
            }
            DecidingRule::Season => {
                assert_eq!(allowed, self.seasonal.is_open(instant), "{instant}: {reason:?}");
            }
            DecidingRule::Closure
            | DecidingRule::Ceiling
            | DecidingRule::Override
            | DecidingRule::Exception
            | DecidingRule::MakeupWorkday => {}
        }
        let known_until = self.group.calendars.iter().map(|calendar| calendar.known_until()).min();
        let exception_looks =
            self.group.exceptions.iter().any(|exception| exception.on().looks_at_holidays());
        let looks = self.group.skips_holidays || exception_looks;
        let beyond = looks && known_until.is_some_and(|until| today > until);
        let warned = matches!(decision.warning, Some(Warning::BeyondHorizon { .. }));
        assert_eq!(warned, beyond, "{instant}");
        let first = self.group.calendars.iter().filter_map(|calendar| calendar.first_year()).max();
        let before = looks && !beyond && first.is_some_and(|first| today.year() < first);
        let warned = matches!(decision.warning, Some(Warning::BeforeFirstYear { .. }));
        assert_eq!(warned, before, "{instant}");
    }

    fn check_spans(&self, from: Timestamp) {
        let (to, group) = (END.min(from + SignedDuration::from_hours(40 * 24)), &self.group);
        let mut closed_from = from;
        for Span { begin, end } in self.schedule.spans(from, to).take(SPANS) {
            assert!(closed_from <= begin && begin < end && end <= to, "{begin}/{end} after {closed_from}");
            assert!(points(begin, end).all(|instant| group.is_open(instant)), "{begin}/{end}");
            if begin > closed_from {
                assert!(points(closed_from, begin).all(|instant| !group.is_open(instant)), "before {begin}");
            } else {
                assert_eq!(begin, from, "two spans touch");
            }
            assert!(end == to || !group.is_open(end), "{begin}/{end}");
            closed_from = end;
        }
    }
}

/// Some instants of `[from, end)`, the first and the last among them.
fn points(from: Timestamp, end: Timestamp) -> impl Iterator<Item = Timestamp> {
    let length = from.duration_until(end);
    let parts = (0..8).map(move |part| from + length / 8 * part);
    parts.chain([end - NANOSECOND])
}
