//! The years of a file: how far it goes, and what each of its days is.

use std::collections::{BTreeMap, BTreeSet};

use calendar::{
    HolidayCalendar, HolidayCalendarInput, HolidayDayInput, HolidayKind, HolidayYear, MAX_HOLIDAY_DAYS,
    MAX_NAME_CHARACTERS, Notice, Window, WindowInput,
};
use domain::DEFAULT_HOLIDAY_CALENDAR;
use jiff::civil::{Date, date};

use crate::{
    Draft, HolidayFile, LeftOut, LeftOutReason, ReadOptions, ZONES_TOLD,
    entry::FileEntry,
    fault::{FileFault, Unclear, placed},
    json::OwnFile,
    judge::{Verdict, verdicts},
};

/// Days of January no later than this say nothing of the rest of their year.
const FIRST_WEEK: i8 = 7;

/// A day of a calendar, and where in the file it stands.
struct PlacedDay {
    place: String,
    day: HolidayDayInput,
}

/// The years of our own form, whose days are what they say.
pub(crate) fn of_own_file(file: OwnFile, options: &ReadOptions) -> Result<HolidayFile, FileFault> {
    let days = file.days.into_iter().enumerate();
    let mut days: Vec<PlacedDay> =
        days.map(|(at, day)| PlacedDay { place: format!("days[{at}]"), day }).collect();
    let mut left_out = Vec::new();
    if let Some(until) = options.known_until {
        let later = |day: &PlacedDay| day.day.date.parse().is_ok_and(|date: Date| date > until);
        let (after, within) = days.into_iter().partition(later);
        days = within;
        left_out.extend(Vec::into_iter(after).map(|PlacedDay { place, day }| LeftOut {
            place,
            name: day.name,
            date: day.date.parse().ok(),
            reason: LeftOutReason::AfterKnownUntil,
        }));
    }
    let known_until = match (options.known_until, file.known_until) {
        (Some(until), _) => until.to_string(),
        (None, Some(until)) => until,
        (None, None) => {
            let dates = days.iter().filter_map(|day| day.day.date.parse().ok()).collect();
            end_of_last_year(&dates)?.ok_or(FileFault::Nothing("days"))?.to_string()
        }
    };
    let id = options.calendar.clone().or(file.id);
    finish(id, known_until, file.notices, days, left_out)
}

/// The years of a file whose entries have to be understood.
pub(crate) fn of_draft(draft: Draft, options: &ReadOptions) -> Result<HolidayFile, FileFault> {
    let verdicts = verdicts(&draft.entries, options.unclear);
    let span = span(&draft, &verdicts, options)?;
    let mut left_out = draft.left_out;
    let days = candidates(&draft.entries, &verdicts, &span, &mut left_out)?;
    // What repeats may leave years out: of the last ones nothing is said then.
    let last = match days.last_key_value() {
        Some((last, _)) if !span.is_said => span.last.min(end_of_year(last.year())),
        _ => span.last,
    };
    let mut placed_days = Vec::with_capacity(days.len());
    for (date, candidates) in days {
        placed_days.push(day(date, &candidates, &mut left_out)?);
    }
    let file = finish(options.calendar.clone(), last.to_string(), draft.notices, placed_days, left_out)?;
    let only_repeated =
        file.years.iter().map(HolidayYear::year).filter(|year| is_only_repeated(&span.written, *year));
    let unknown_zones = draft.unknown_zones.into_iter().take(ZONES_TOLD).collect();
    Ok(HolidayFile { only_repeated: only_repeated.collect(), unknown_zones, ..file })
}

/// Whether days are written down one by one, but none of this year.
fn is_only_repeated(written: &BTreeSet<Date>, year: i16) -> bool {
    !written.is_empty() && written.iter().all(|date| date.year() != year)
}

/// What the entries of a file make of each date up to its last.
fn candidates<'e>(
    entries: &'e [FileEntry],
    verdicts: &'e [Verdict],
    span: &FileSpan,
    left_out: &mut Vec<LeftOut>,
) -> Result<BTreeMap<Date, Vec<DayCandidate<'e>>>, FileFault> {
    let mut days: BTreeMap<Date, Vec<DayCandidate<'_>>> = BTreeMap::new();
    let (mut unclear, mut many) = (Vec::new(), 0_usize);
    for (entry, verdict) in entries.iter().zip(verdicts) {
        let dates = span.days_of(entry);
        let note =
            |date, reason| LeftOut { place: entry.place.clone(), name: entry.name.clone(), date, reason };
        match verdict {
            Verdict::Unclear(reason)
                if dates.iter().any(|date| *date <= span.last) || entry.dates.rule.is_none() =>
            {
                let (place, name) = (entry.place.clone(), entry.name.clone());
                unclear.push(Unclear { place, name, date: dates.first().copied(), reason: reason.clone() });
            }
            Verdict::Unclear(_) => {}
            Verdict::LeftOut(reason) => {
                left_out.push(note(dates.first().copied(), LeftOutReason::NotUnderstood(reason.clone())));
            }
            Verdict::Kind { kind, explicit, times } => {
                let (within, after): (Vec<Date>, Vec<Date>) =
                    dates.into_iter().partition(|date| *date <= span.last);
                left_out
                    .extend(after.into_iter().map(|date| note(Some(date), LeftOutReason::AfterKnownUntil)));
                many += within.len();
                if many > MAX_HOLIDAY_DAYS {
                    return Err(FileFault::TooManyDays);
                }
                for date in within {
                    let candidate = DayCandidate { entry, kind: *kind, explicit: *explicit, times };
                    days.entry(date).or_default().push(candidate);
                }
            }
        }
    }
    if unclear.is_empty() { Ok(days) } else { Err(FileFault::NotUnderstood(unclear)) }
}

fn finish(
    id: Option<String>,
    known_until: String,
    notices: Vec<Notice>,
    days: Vec<PlacedDay>,
    left_out: Vec<LeftOut>,
) -> Result<HolidayFile, FileFault> {
    let (places, days): (Vec<_>, Vec<_>) = days.into_iter().map(|placed| (placed.place, placed.day)).unzip();
    let id = id.unwrap_or_else(|| DEFAULT_HOLIDAY_CALENDAR.to_owned());
    let input = HolidayCalendarInput { id, known_until, notices, days };
    let years = HolidayCalendar::parse(input)
        .and_then(HolidayCalendar::into_years)
        .map_err(|faults| placed(faults, &places))?;
    Ok(HolidayFile { years, left_out, only_repeated: vec![], unknown_zones: vec![] })
}

/// The years that a file speaks of.
struct FileSpan {
    /// The first year in which what repeats is read.
    first: i16,
    /// The last day of which the file knows.
    last: Date,
    /// Whether that was said.
    is_said: bool,
    /// The days that are written down one by one, where others repeat.
    written: BTreeSet<Date>,
}

impl FileSpan {
    fn days_of(&self, entry: &FileEntry) -> Vec<Date> {
        entry.dates.days_within(self.first, self.last.year()).into_iter().collect()
    }
}

/// How far a file goes: as it is said, else to the end of the last year in which a day that is written down by itself begins, and of
/// what repeats to the end of the next year, or of its own end or last change. What closes nothing makes no year known. Where
/// something repeats, the present year is read as well.
fn span(draft: &Draft, verdicts: &[Verdict], options: &ReadOptions) -> Result<FileSpan, FileFault> {
    let is_observance =
        |verdict: &Verdict| verdict.is(HolidayKind::Observance) || matches!(verdict, Verdict::LeftOut(_));
    let entries = || draft.entries.iter();
    let counted: Vec<&FileEntry> = entries()
        .zip(verdicts)
        .filter(|(_, verdict)| !is_observance(verdict))
        .map(|(entry, _)| entry)
        .collect();
    // A file of observances alone is of their years.
    let counted = if counted.is_empty() { entries().collect() } else { counted };
    let starts = |of_series: bool| -> BTreeSet<Date> {
        let some = counted.iter().filter(|entry| entry.dates.of_series == of_series);
        some.flat_map(|entry| entry.dates.starts.iter().copied()).collect()
    };
    let (written, changed) = (starts(false), starts(true));
    let repeats = counted.iter().any(|entry| entry.dates.rule.is_some());
    let said = options.known_until.or(draft.known_until);
    let last = if let Some(known_until) = said {
        known_until
    } else {
        let of_rules = repeats.then(|| end_of_rules(&counted, options.today));
        let of_changes = changed.last().map(|last| end_of_year(last.year()));
        let last = end_of_last_year(&written)?.max(of_rules).max(of_changes);
        last.unwrap_or_else(|| end_of_year(options.today.year() + 1))
    };
    let present = (repeats || written.is_empty()).then(|| options.today.year());
    let first = [first_year(&written), first_year(&changed), present].into_iter().flatten().min();
    let first = first.unwrap_or_else(|| options.today.year()).min(last.year());
    let written = if repeats { written } else { BTreeSet::new() };
    Ok(FileSpan { first, last, is_said: said.is_some(), written })
}

/// The year of the first date, or the next one where that is of the last week and others follow: it belongs to New Year.
fn first_year(dates: &BTreeSet<Date>) -> Option<i16> {
    let first = dates.first()?;
    let belongs_to_next = (first.month(), first.day()) >= (12, 25) && dates.last()?.year() > first.year();
    Some(first.year() + i16::from(belongs_to_next))
}

/// The end of the last year, if that seems to be all there: not where it has days of its first week only, and years before it have others.
fn end_of_last_year(dates: &BTreeSet<Date>) -> Result<Option<Date>, FileFault> {
    let (Some(first), Some(last)) = (dates.first(), dates.last()) else { return Ok(None) };
    let is_of_first_week = |date: &Date| date.month() == 1 && date.day() <= FIRST_WEEK;
    let goes_further = |date: &Date| date.year() < last.year() && !is_of_first_week(date);
    if first.year() < last.year() && is_of_first_week(last) && dates.iter().any(goes_further) {
        return Err(FileFault::KnownUntil { year: last.year() });
    }
    Ok(Some(end_of_year(last.year())))
}

/// The end of the year in which the last rule ends, or of the next year where one never does; no earlier than what begins later.
fn end_of_rules(entries: &[&FileEntry], today: Date) -> Date {
    let rules = entries.iter().filter_map(|entry| entry.dates.rule.as_ref());
    let years = rules.map(|rule| {
        let next = (today.year() + 1).max(rule.start().year());
        let last = rule
            .is_finite()
            .then(|| rule.dates(rule.start(), end_of_year(next)).last().map(|date| date.year()));
        last.flatten().unwrap_or(next)
    });
    end_of_year(years.max().unwrap_or(today.year() + 1))
}

fn end_of_year(year: i16) -> Date {
    date(year, 12, 31)
}

/// What one entry makes of a date.
struct DayCandidate<'e> {
    entry: &'e FileEntry,
    kind: HolidayKind,
    explicit: bool,
    times: &'e [Window],
}

/// What a date is by all that the file says of it. What is said beats what is only named, and what closes more beats what closes less; but
/// of a day that is said to be off and to be worked nobody knows.
fn day(
    date: Date,
    candidates: &[DayCandidate<'_>],
    left_out: &mut Vec<LeftOut>,
) -> Result<PlacedDay, FileFault> {
    let counts = |candidate: &&DayCandidate<'_>| candidate.kind != HolidayKind::Observance;
    let said: Vec<&DayCandidate<'_>> =
        candidates.iter().filter(counts).filter(|candidate| candidate.explicit).collect();
    let named: Vec<&DayCandidate<'_>> = candidates.iter().filter(counts).collect();
    let weighed = [said, named, candidates.iter().collect()]
        .into_iter()
        .find(|some| !some.is_empty())
        .unwrap_or_default();
    let is_worked = |candidate: &&&DayCandidate<'_>| candidate.kind == HolidayKind::MakeupWorkday;
    let (worked, off) =
        (weighed.iter().find(is_worked), weighed.iter().find(|candidate| !is_worked(candidate)));
    if let (Some(worked), Some(off)) = (worked, off) {
        let [place, other] = [&worked.entry.place, &off.entry.place].map(Clone::clone);
        return Err(FileFault::Contradiction { place, date, other });
    }
    let kind = weighed
        .iter()
        .map(|candidate| candidate.kind)
        .min_by_key(|kind| rank(*kind))
        .unwrap_or(HolidayKind::Observance);
    let holds = |candidate: &&&DayCandidate<'_>| candidate.kind == kind;
    let holding: Vec<&&DayCandidate<'_>> = weighed.iter().filter(holds).collect();
    let others = candidates.iter().filter(counts).filter(|candidate| candidate.kind != kind);
    left_out.extend(others.map(|candidate| LeftOut {
        place: candidate.entry.place.clone(),
        name: candidate.entry.name.clone(),
        date: Some(date),
        reason: LeftOutReason::Outweighed,
    }));
    let first = holding.first().map(|candidate| candidate.entry);
    // A half day that is written in several rows is open in the time of each.
    let mut times: Vec<Window> = holding.iter().flat_map(|candidate| candidate.times).copied().collect();
    times.sort_unstable_by_key(|window| (window.begin_time(), window.end_time()));
    times.dedup();
    let day = HolidayDayInput {
        date: date.to_string(),
        kind,
        name: names(holding.iter().map(|candidate| candidate.entry.name.trim())),
        stands_for: first.and_then(|entry| entry.stands_for).filter(|_| kind == HolidayKind::MakeupWorkday),
        notice: first.and_then(|entry| entry.notice.clone()),
        times: times.into_iter().map(time).collect(),
    };
    Ok(PlacedDay { place: first.map(|entry| entry.place.clone()).unwrap_or_default(), day })
}

const fn rank(kind: HolidayKind) -> u8 {
    match kind {
        HolidayKind::Holiday => 0,
        HolidayKind::MovedHoliday => 1,
        HolidayKind::HalfDay => 2,
        HolidayKind::MakeupWorkday => 3,
        HolidayKind::Observance => 4,
    }
}

fn time(window: Window) -> WindowInput {
    WindowInput { begin_time: window.begin_time().to_string(), end_time: window.end_time().to_string() }
}

/// The names of a day, each once, as many as fit.
fn names<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut joined = String::new();
    let mut seen = BTreeSet::new();
    for name in names.filter(|name| !name.is_empty()) {
        if !seen.insert(name) {
            continue;
        }
        if joined.is_empty() {
            joined = name.chars().take(MAX_NAME_CHARACTERS).collect();
        } else if joined.chars().count() + name.chars().count() + 3 <= MAX_NAME_CHARACTERS {
            joined.push_str(" / ");
            joined.push_str(name);
        }
    }
    joined
}
