//! The calendar against the `opening-hours` crate and against a naive search over days: the same schedules, the same
//! instants, one process. Prints the ratios at the end.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark is a program of its own")]

use std::{collections::BTreeMap, fmt::Write, hint::black_box, path::Path, sync::Arc, time::Duration};

use calendar::{
    Ceiling, ClosedSpan, ClosedSpans, EffectiveSchedule, Exceptions, HolidayCalendar, HolidayCalendarInput,
    HolidayDayInput, HolidayKind, Schedule, Seasons, WeeklyWindows, Zone,
};
use chrono_tz::Tz;
use criterion::{BatchSize, Criterion, Throughput};
use jiff::{Timestamp, civil};
use opening_hours::{
    Context, OpeningHours,
    localization::{Country, TzLocation},
};

/// Instants asked about, spread over the years 2025 to 2027.
const INSTANTS: usize = 1024;

const YEAR: (i64, i64) = (1_767_225_600, 1_767_225_600 + 365 * 86_400);

const ZONES: [&str; 4] = ["Asia/Shanghai", "America/New_York", "Europe/Paris", "Asia/Kolkata"];

struct Case {
    name: &'static str,
    zone: &'static str,
    content: String,
    expression: String,
    holidays: bool,
}

type Peer = OpeningHours<TzLocation<Tz>>;

impl Case {
    /// The same windows on some days of the week.
    fn new(
        name: &'static str,
        zone: &'static str,
        days: &[usize],
        windows: &[(String, String)],
        holidays: bool,
    ) -> Case {
        let times: Vec<_> = windows
            .iter()
            .map(|(begin, end)| format!(r#"{{"begin_time":"{begin}","end_time":"{end}"}}"#))
            .collect();
        let content: Vec<_> =
            days.iter().map(|day| format!(r#"{{"week":{day},"times":[{}]}}"#, times.join(","))).collect();
        let names = ["Su", "Mo", "Tu", "We", "Th", "Fr", "Sa"];
        let days: Vec<_> = days.iter().map(|day| names[*day]).collect();
        let spans: Vec<_> = windows.iter().map(|(begin, end)| format!("{begin}-{end}")).collect();
        let off = if holidays { "; PH off" } else { "" };
        Case {
            name,
            zone,
            content: format!("[{}]", content.join(",")),
            expression: format!("{} {}{off}", days.join(","), spans.join(",")),
            holidays,
        }
    }

    fn windows(&self) -> WeeklyWindows {
        serde_json::from_str(&self.content).unwrap()
    }

    fn compile(&self, windows: &WeeklyWindows, calendar: &Arc<HolidayCalendar>) -> Schedule {
        let builder = Schedule::builder(windows, &Zone::parse(self.zone).unwrap());
        if self.holidays { builder.holidays(Arc::clone(calendar)).compile() } else { builder.compile() }
    }

    fn peer(&self) -> Peer {
        let context = Context::default().with_locale(TzLocation::new(self.zone.parse::<Tz>().unwrap()));
        let holidays = Country::US.holidays();
        let context = if self.holidays { context.with_holidays(holidays) } else { context };
        self.expression.parse::<OpeningHours>().unwrap().with_context(context)
    }
}

fn windows(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(begin, end)| ((*begin).to_owned(), (*end).to_owned())).collect()
}

/// So many windows of a day, each two thirds of its share long.
fn grid(count: u32) -> Vec<(String, String)> {
    let share = 1440 / count;
    let time = |minute: u32| format!("{:02}:{:02}", minute / 60, minute % 60);
    (0..count).map(|at| (time(at * share), time(at * share + share * 2 / 3))).collect()
}

fn cases() -> Vec<Case> {
    let (workdays, week) = ([1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5, 6]);
    let office = windows(&[("09:00", "12:00"), ("13:00", "18:00")]);
    vec![
        Case::new("plain zone", "Asia/Shanghai", &workdays, &office, false),
        Case::new("New York with holidays", "America/New_York", &workdays, &office, true),
        Case::new("overnight once a week", "America/New_York", &[5], &windows(&[("22:00", "06:00")]), false),
        Case::new("7 x 96 windows", "America/New_York", &week, &grid(96), false),
    ]
}

/// The peer's own holidays of the United States, so that both sides skip the same days.
fn united_states() -> Arc<HolidayCalendar> {
    let holidays = Country::US.holidays();
    let from = chrono::NaiveDate::from_ymd_opt(2000, 1, 1).unwrap();
    let days = from.iter_days().take(365 * 100).filter(|day| holidays.get_public().contains(*day));
    let days = days.map(|day| HolidayDayInput {
        date: day.to_string(),
        kind: HolidayKind::Holiday,
        name: "public holiday".into(),
        stands_for: None,
        notice: None,
        times: vec![],
    });
    let (id, known_until) = ("US".into(), "2099-12-31".into());
    let input = HolidayCalendarInput { id, known_until, notices: vec![], days: days.collect() };
    Arc::new(HolidayCalendar::parse(input).unwrap())
}

fn instants() -> Vec<Timestamp> {
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let next = || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        Timestamp::from_second(1_735_689_600 + i64::try_from(random % (3 * 365 * 86_400)).unwrap()).unwrap()
    };
    std::iter::repeat_with(next).take(INSTANTS).collect()
}

fn in_chrono(instants: &[Timestamp], zone: &str) -> Vec<chrono::DateTime<Tz>> {
    let zone: Tz = zone.parse().unwrap();
    let utc = |instant: &Timestamp| chrono::DateTime::from_timestamp(instant.as_second(), 0).unwrap();
    instants.iter().map(|instant| utc(instant).with_timezone(&zone)).collect()
}

/// What one writes first: look at the day's windows, and go on to the next day until one is left.
struct DaySearch {
    zone: Zone,
    days: [Vec<(civil::Time, civil::Time)>; 7],
    holidays: std::collections::HashSet<civil::Date>,
}

impl DaySearch {
    fn new(case: &Case, calendar: &HolidayCalendar) -> DaySearch {
        let mut days: [Vec<_>; 7] = Default::default();
        let time = |minutes: u16| {
            let minutes = i8::try_from(minutes % 1440 / 60).unwrap()..i8::try_from(minutes % 60).unwrap();
            civil::time(minutes.start, minutes.end, 0, 0)
        };
        for (weekday, window) in case.windows().windows() {
            let span = (time(window.begin_time().minutes()), time(window.end_time().minutes()));
            days[usize::from(weekday.number())].push(span);
        }
        let holidays = calendar.days().iter().filter(|_| case.holidays).map(|day| day.date).collect();
        DaySearch { zone: Zone::parse(case.zone).unwrap(), days, holidays }
    }

    fn windows(&self, date: civil::Date) -> &[(civil::Time, civil::Time)] {
        if self.holidays.contains(&date) {
            return &[];
        }
        &self.days[usize::try_from(date.weekday().to_sunday_zero_offset()).unwrap()]
    }

    fn is_open(&self, instant: Timestamp) -> bool {
        let local = self.zone.time_zone().to_datetime(instant);
        let (date, time) = (local.date(), local.time());
        let today =
            self.windows(date).iter().any(|(begin, end)| *begin <= time && (time < *end || end < begin));
        let before = self.windows(date.yesterday().unwrap());
        today || before.iter().any(|(begin, end)| end < begin && time < *end)
    }

    fn next_change(&self, instant: Timestamp) -> Option<Timestamp> {
        let open = self.is_open(instant);
        let mut date = self.zone.time_zone().to_datetime(instant).date().yesterday().unwrap();
        for _ in 0..400 {
            let spans = self.windows(date).iter().flat_map(|(begin, end)| {
                let end_date = if end < begin { date.tomorrow().unwrap() } else { date };
                [date.to_datetime(*begin), end_date.to_datetime(*end)]
            });
            let mut edges: Vec<_> =
                spans.filter_map(|edge| self.zone.time_zone().to_timestamp(edge).ok()).collect();
            edges.sort_unstable();
            let change = edges.into_iter().find(|edge| *edge > instant && self.is_open(*edge) != open);
            if change.is_some() {
                return change;
            }
            date = date.tomorrow().unwrap();
        }
        None
    }
}

/// Calls `ask` with the next of the things each time; [`INSTANTS`] is a power of two, so that this costs next to
/// nothing itself.
fn cycle<T, R>(things: &[T], mut ask: impl FnMut(&T) -> R) -> impl FnMut() -> R {
    let mut at = 0;
    move || {
        at = (at + 1) % INSTANTS;
        ask(black_box(&things[at]))
    }
}

fn measure_case(criterion: &mut Criterion, case: &Case, calendar: &Arc<HolidayCalendar>) {
    let instants = instants();
    let (windows, peer, naive) = (case.windows(), case.peer(), DaySearch::new(case, calendar));
    let schedule = case.compile(&windows, calendar);
    let in_chrono = in_chrono(&instants, case.zone);
    let (from, to) = (Timestamp::from_second(YEAR.0).unwrap(), Timestamp::from_second(YEAR.1).unwrap());
    let zone: Tz = case.zone.parse().unwrap();
    let year = [YEAR.0, YEAR.1]
        .map(|second| chrono::DateTime::from_timestamp(second, 0).unwrap().with_timezone(&zone));

    let mut group = criterion.benchmark_group(format!("{}: is_open", case.name));
    group.bench_function("calendar", |bench| bench.iter(cycle(&instants, |at| schedule.is_open(*at))));
    group.bench_function("opening-hours", |bench| bench.iter(cycle(&in_chrono, |at| peer.is_open(*at))));
    group.bench_function("day search", |bench| bench.iter(cycle(&instants, |at| naive.is_open(*at))));
    group.finish();

    let mut group = criterion.benchmark_group(format!("{}: next_change", case.name));
    group.bench_function("calendar", |bench| bench.iter(cycle(&instants, |at| schedule.next_change(*at))));
    group.bench_function("opening-hours", |bench| bench.iter(cycle(&in_chrono, |at| peer.next_change(*at))));
    group.bench_function("day search", |bench| bench.iter(cycle(&instants, |at| naive.next_change(*at))));
    group.finish();

    let mut group = criterion.benchmark_group(format!("{}: decide", case.name));
    group.bench_function("calendar", |bench| bench.iter(cycle(&instants, |at| schedule.decide(*at).allowed)));
    group.finish();

    let mut group = criterion.benchmark_group(format!("{}: a year of spans", case.name));
    group.sample_size(10);
    group.bench_function("calendar", |bench| bench.iter(|| schedule.spans(from, to).count()));
    group.bench_function("opening-hours", |bench| {
        bench.iter(|| {
            peer.iter_range(year[0], year[1])
                .filter(|range| range.kind == opening_hours::RuleKind::Open)
                .count()
        });
    });
    group.finish();

    measure_compiling(criterion, case, calendar, instants[0]);
}

fn measure_compiling(
    criterion: &mut Criterion,
    case: &Case,
    calendar: &Arc<HolidayCalendar>,
    instant: Timestamp,
) {
    let windows = case.windows();
    let mut group = criterion.benchmark_group(format!("{}: compile", case.name));
    group.bench_function("calendar", |bench| {
        bench.iter_batched(|| (), |()| case.compile(&windows, calendar), BatchSize::SmallInput);
    });
    // Days are compiled when they are first asked about.
    group.bench_function("and a first decision", |bench| {
        let answer = |()| case.compile(&windows, calendar).decide(instant).allowed;
        bench.iter_batched(|| (), answer, BatchSize::SmallInput);
    });
    group.bench_function("opening-hours", |bench| {
        bench.iter_batched(|| (), |()| case.expression.parse::<OpeningHours>(), BatchSize::SmallInput);
    });
    group.finish();
}

/// One to 672 windows a week: the answer must cost the same.
fn measure_growth(criterion: &mut Criterion, calendar: &Arc<HolidayCalendar>) {
    let instants = instants();
    let all: Vec<usize> = (0..7).collect();
    for (days, per_day) in [(1, 1), (7, 1), (7, 6), (7, 24), (7, 96)] {
        let name = "growth";
        let case = Case::new(name, "America/New_York", &all[..days], &grid(per_day), false);
        let schedule = case.compile(&case.windows(), calendar);
        let mut group = criterion.benchmark_group(format!("{:03} windows a week", days * per_day as usize));
        group.bench_function("is_open", |bench| bench.iter(cycle(&instants, |at| schedule.is_open(*at))));
        group.bench_function("next_change", |bench| {
            bench.iter(cycle(&instants, |at| schedule.next_change(*at)));
        });
        group.bench_function("decide", |bench| {
            bench.iter(cycle(&instants, |at| schedule.decide(*at).allowed));
        });
        group.finish();
    }
}

/// A group with all that a group can have: seasons, three calendars, twenty exceptions, and a ceiling and two closures above it.
struct Everything {
    case: Case,
    windows: WeeklyWindows,
    seasons: Seasons,
    exceptions: Exceptions,
    calendars: [Arc<HolidayCalendar>; 3],
}

impl Everything {
    fn new(united_states: &Arc<HolidayCalendar>) -> Everything {
        let office = windows(&[("09:00", "12:00"), ("13:00", "18:00")]);
        let case = Case::new("everything", "America/New_York", &[1, 2, 3, 4, 5], &office, true);
        let mut company = united_states.to_input();
        company.days.iter_mut().for_each(|day| day.date.replace_range(8.., "15"));
        company.days.dedup_by(|one, other| one.date == other.date);
        let company = Arc::new(HolidayCalendar::parse(company).unwrap());
        let calendars = [Arc::clone(united_states), HolidayCalendar::china(), company];
        Everything {
            windows: case.windows(),
            seasons: seasons(),
            exceptions: twenty_exceptions(),
            calendars,
            case,
        }
    }

    fn compile(&self) -> Schedule {
        let builder = Schedule::builder(&self.windows, &Zone::parse(self.case.zone).unwrap())
            .seasons(&self.seasons)
            .exceptions(&self.exceptions);
        let calendars = self.calendars.iter();
        calendars.fold(builder, |builder, calendar| builder.holidays(Arc::clone(calendar))).compile()
    }

    fn layered(&self) -> EffectiveSchedule {
        let closure = |day: i64| ClosedSpan {
            begin: Timestamp::from_second(YEAR.0 + day * 86_400).unwrap(),
            end: Timestamp::from_second(YEAR.0 + (day + 2) * 86_400).unwrap(),
            name: "closure".into(),
        };
        let closures = ClosedSpans::new(vec![closure(100), closure(200)]);
        EffectiveSchedule::from(self.compile()).closed_in(closures).below([law(self.case.zone)])
    }
}

/// A ceiling: open by day.
fn law(zone: &'static str) -> Ceiling {
    let case = Case::new("law", zone, &[0, 1, 2, 3, 4, 5, 6], &windows(&[("08:00", "21:00")]), false);
    let schedule = Schedule::builder(&case.windows(), &Zone::parse(zone).unwrap()).compile();
    Ceiling { name: "law".into(), schedule: Arc::new(schedule.into()) }
}

fn measure_everything(criterion: &mut Criterion, united_states: &Arc<HolidayCalendar>) {
    let everything = Everything::new(united_states);
    let (schedule, instants) = (everything.layered(), instants());
    let mut group = criterion.benchmark_group("everything");
    group.bench_function("is_open", |bench| bench.iter(cycle(&instants, |at| schedule.is_open(*at))));
    group.bench_function("next_change", |bench| bench.iter(cycle(&instants, |at| schedule.next_change(*at))));
    group.bench_function("decide", |bench| bench.iter(cycle(&instants, |at| schedule.decide(*at).allowed)));
    group.bench_function("compile", |bench| {
        bench.iter_batched(|| (), |()| everything.compile(), BatchSize::SmallInput);
    });
    group.bench_function("compile and a first decision", |bench| {
        let answer = |()| everything.compile().decide(instants[0]).allowed;
        bench.iter_batched(|| (), answer, BatchSize::SmallInput);
    });
    group.finish();
}

/// The bytes that a compiled group takes: after one decision, and after every hour of three years was asked about.
fn print_bytes(united_states: &Arc<HolidayCalendar>) {
    println!("\n| bytes of a group | compiled | after one decision | after three years |\n|---|---|---|---|");
    let print = |name: &str, schedule: &EffectiveSchedule| {
        let compiled = schedule.bytes_held();
        schedule.decide(Timestamp::from_second(YEAR.0).unwrap());
        let decided = schedule.bytes_held();
        for hour in 0..3 * 365 * 24 {
            schedule.decide(Timestamp::from_second(YEAR.0 + hour * 3600).unwrap());
        }
        println!("| {name} | {compiled} | {decided} | {} |", schedule.bytes_held());
    };
    for case in cases() {
        print(case.name, &case.compile(&case.windows(), united_states).into());
    }
    print("everything", &Everything::new(united_states).layered());
}

fn seasons() -> Seasons {
    let season = |when: &str| {
        format!(
            r#"{{{when},"content":[{{"week":6,"times":[{{"begin_time":"10:00","end_time":"15:00"}}]}}]}}"#
        )
    };
    let summer = season(r#""begin_date":"06-15","end_date":"08-31""#);
    let every_other = season(r#""every_weeks":2,"anchor_date":"2026-01-05""#);
    serde_json::from_str(&format!("[{summer},{every_other}]")).unwrap()
}

fn twenty_exceptions() -> Exceptions {
    let times = r#""times":[{"begin_time":"10:00","end_time":"16:00"}]"#;
    let dated = (1..=10).map(|month| format!(r#"{{"begin_date":"2026-{month:02}-08",{times}}}"#));
    let only = (1..=8).map(|month| format!(r#"{{"effect":"only","begin_date":"{month:02}-20",{times}}}"#));
    let others = [
        format!(r#"{{"effect":"only","on":"day_before_holiday",{times}}}"#),
        r#"{"effect":"close","on":"nth_weekday","nth":-1,"week":5}"#.to_owned(),
    ];
    let all: Vec<String> = dated.chain(only).chain(others).collect();
    serde_json::from_str(&format!("[{}]", all.join(","))).unwrap()
}

/// So many groups with China's holidays, no two alike.
fn groups(count: usize) -> Vec<Schedule> {
    let china = HolidayCalendar::china();
    let group = |at: usize| {
        let end = format!("{:02}:{:02}", 17 + at % 5, at % 60);
        let office = windows(&[("09:00", "12:00"), ("13:00", &end)]);
        let case = Case::new("batch", ZONES[at % ZONES.len()], &[1, 2, 3, 4, 5], &office, true);
        case.compile(&case.windows(), &china)
    };
    (0..count).map(group).collect()
}

/// Four weeks of all groups of an account, each below a ceiling that they share, as an overview shows them.
fn measure_overview(criterion: &mut Criterion) {
    let ceilings = ZONES.map(law);
    let groups = || -> Vec<EffectiveSchedule> {
        let below = |(at, schedule): (usize, Schedule)| {
            EffectiveSchedule::from(schedule).below([ceilings[at % ZONES.len()].clone()])
        };
        groups(1_000).into_iter().enumerate().map(below).collect()
    };
    let [from, to] = [YEAR.0, YEAR.0 + 28 * 86_400].map(|second| Timestamp::from_second(second).unwrap());
    let spans = |groups: &[EffectiveSchedule]| -> usize {
        groups.iter().map(|group| group.spans(from, to).count()).sum()
    };
    let ruled = |groups: &[EffectiveSchedule]| -> usize {
        groups.iter().map(|group| group.ruled_spans(from, to).count()).sum()
    };
    let asked = groups();
    println!(
        "four weeks of 1,000 groups: {} open spans, {} spans with reasons",
        spans(&asked),
        ruled(&asked)
    );
    let mut group = criterion.benchmark_group("four weeks of 1,000 groups below a ceiling");
    group.sample_size(10);
    group.bench_function("spans", |bench| bench.iter(|| spans(&asked)));
    group.bench_function("spans with reasons", |bench| bench.iter(|| ruled(&asked)));
    group.bench_function("spans of groups that are new", |bench| {
        bench.iter_batched(&groups, |groups| spans(&groups), BatchSize::PerIteration);
    });
    group.finish();
}

/// A million decisions over ten thousand groups, as a batch over all tasks would ask for them.
fn measure_batch(criterion: &mut Criterion) {
    let schedules = groups(10_000);
    let instant = Timestamp::from_second(YEAR.0).unwrap();
    let mut group = criterion.benchmark_group("a million decisions over 10,000 groups");
    group.sample_size(10).throughput(Throughput::Elements(1_000_000));
    group.bench_function("calendar", |bench| {
        let allowed = |at: usize| schedules[at * 7919 % schedules.len()].decide(instant).allowed;
        bench.iter(|| (0..1_000_000).filter(|at| allowed(*at)).count());
    });
    // A schedule remembers its last decision; here no two questions are about the same time.
    group.bench_function("each at another instant", |bench| {
        let at_second = |at: usize| Timestamp::from_second(YEAR.0 + i64::try_from(at).unwrap() * 61).unwrap();
        let allowed = |at: usize| schedules[at * 7919 % schedules.len()].decide(at_second(at)).allowed;
        bench.iter(|| (0..1_000_000).filter(|at| allowed(*at)).count());
    });
    group.finish();
}

/// The medians that criterion has written, in nanoseconds, by group and function.
fn medians(directory: &Path) -> BTreeMap<String, BTreeMap<String, f64>> {
    let mut medians: BTreeMap<String, BTreeMap<String, f64>> = BTreeMap::new();
    for group in std::fs::read_dir(directory).unwrap().flatten() {
        for function in std::fs::read_dir(group.path()).into_iter().flatten().flatten() {
            let Ok(text) = std::fs::read_to_string(function.path().join("new/estimates.json")) else {
                continue;
            };
            let estimates: serde_json::Value = serde_json::from_str(&text).unwrap();
            let median = estimates["median"]["point_estimate"].as_f64().unwrap();
            let name = |entry: &std::fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
            medians.entry(name(&group)).or_default().insert(name(&function), median);
        }
    }
    medians
}

fn print_table(directory: &Path) {
    println!(
        "\n| what | calendar, ns | opening-hours, ns | ratio | day search, ns | ratio |\n|---|---|---|---|---|---|"
    );
    for (group, functions) in medians(directory) {
        let others = functions
            .iter()
            .filter(|(name, _)| !["calendar", "opening-hours", "day search"].contains(&name.as_str()));
        for (function, median) in others {
            println!("| {group}: {function} | {median:.1} | | | | |");
        }
        let Some(ours) = functions.get("calendar") else { continue };
        let mut row = format!("| {group} | {ours:.1} ");
        for other in ["opening-hours", "day search"] {
            match functions.get(other) {
                Some(other) => write!(row, "| {other:.1} | {:.1} ", other / ours).unwrap(),
                None => row.push_str("| | "),
            }
        }
        println!("{row}|");
    }
}

fn main() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("calendar-bench");
    let _ = std::fs::remove_dir_all(&directory);
    let mut criterion = Criterion::default()
        .output_directory(&directory)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800))
        .sample_size(30)
        .without_plots()
        .configure_from_args();
    let calendar = united_states();
    for case in cases() {
        measure_case(&mut criterion, &case, &calendar);
    }
    measure_growth(&mut criterion, &calendar);
    measure_everything(&mut criterion, &calendar);
    measure_batch(&mut criterion);
    measure_overview(&mut criterion);
    print_bytes(&calendar);
    criterion.final_summary();
    if directory.exists() {
        print_table(&directory);
    }
}
