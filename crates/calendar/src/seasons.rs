//! Seasons: weeks that take the place of a group's own for a part of the year, or every so many weeks.

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    date::{day_number, parse_date},
    date_range::DateRange,
    exceptions::MAX_NAME_CHARACTERS,
    fault::{CalendarFault, CalendarFaults, Rule, joined},
    windows::{DayWindowsInput, MAX_WINDOWS, WeeklyWindows},
};

/// The most seasons one schedule may have.
pub const MAX_SEASONS: usize = 24;

/// The most weeks after which a season may come back, and all seasons of a schedule together.
pub const MAX_EVERY_WEEKS: u16 = 52;

/// A season as it comes over the wire, unchecked: either dates, or every so many weeks.
///
/// ```
/// use calendar::SeasonInput;
///
/// let input: SeasonInput =
///     serde_json::from_str(r#"{"every_weeks": 2, "anchor_date": "2026-11-30", "content": []}"#)?;
/// assert_eq!((input.every_weeks, input.begin_date), (Some(2), None));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeasonInput {
    /// What people call it; may be empty.
    #[serde(default)]
    pub name: String,
    /// The first day: `YYYY-MM-DD`, or `MM-DD` for every year.
    #[serde(default)]
    pub begin_date: Option<String>,
    /// The last day, included, in the same form; the first day if left out.
    #[serde(default)]
    pub end_date: Option<String>,
    /// It holds in one of so many weeks, 2 to [`MAX_EVERY_WEEKS`].
    #[serde(default)]
    pub every_weeks: Option<i64>,
    /// A day (`YYYY-MM-DD`) of a week, Monday to Sunday, in which it holds.
    #[serde(default)]
    pub anchor_date: Option<String>,
    /// The windows of its weeks.
    pub content: Vec<DayWindowsInput>,
}

/// When a [`Season`] holds.
///
/// ```
/// use calendar::{SeasonTime, Seasons};
///
/// let seasons: Seasons =
///     serde_json::from_str(r#"[{"every_weeks":2,"anchor_date":"2026-12-05","content":[]}]"#)?;
/// let anchor = jiff::civil::date(2026, 12, 5);
/// assert_eq!(seasons.iter().next().unwrap().time(), SeasonTime::EveryWeeks { every: 2, anchor });
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeasonTime {
    /// On these dates.
    Dates(DateRange),
    /// In the week, Monday to Sunday, that has the anchor in it, and every so many weeks before and after.
    EveryWeeks {
        /// 2 to [`MAX_EVERY_WEEKS`].
        every: u16,
        /// A day of a week in which it holds.
        anchor: Date,
    },
}

/// A week that takes the place of the group's own while the season holds.
///
/// ```
/// use calendar::Seasons;
///
/// let seasons: Seasons = serde_json::from_str(
///     r#"[{"name":"summer","begin_date":"12-20","end_date":"02-28","content":[]}]"#,
/// )?;
/// let summer = seasons.iter().next().unwrap();
/// assert_eq!((summer.name(), summer.content().days().len()), ("summer", 0));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Season {
    name: String,
    time: SeasonTime,
    content: WeeklyWindows,
}

impl Season {
    /// What people call it; may be empty. Example at [`Season`].
    pub fn name(&self) -> &str {
        &self.name
    }

    /// When it holds. Example at [`SeasonTime`].
    pub const fn time(&self) -> SeasonTime {
        self.time
    }

    /// The windows of its weeks, as sent. Example at [`Season`].
    pub const fn content(&self) -> &WeeklyWindows {
        &self.content
    }
}

impl SeasonTime {
    /// Whether it is one of every so many weeks, and holds on a day.
    pub(crate) fn holds_by_week(self, day: i32) -> bool {
        match self {
            SeasonTime::Dates(_) => false,
            SeasonTime::EveryWeeks { every, anchor } => {
                (week_of(day) - week_of(day_number(anchor))).rem_euclid(i32::from(every)) == 0
            }
        }
    }
}

/// The number of the week, Monday to Sunday, that a day lies in; 1 January 1970 was a Thursday.
const fn week_of(day: i32) -> i32 {
    (day + 3).div_euclid(7)
}

impl Serialize for Season {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;

        let mut season = serializer.serialize_map(None)?;
        season.serialize_entry("name", &self.name)?;
        match self.time {
            SeasonTime::Dates(dates) => {
                let (begin, end) = dates.as_text();
                season.serialize_entry("begin_date", &begin)?;
                season.serialize_entry("end_date", &end)?;
            }
            SeasonTime::EveryWeeks { every, anchor } => {
                season.serialize_entry("every_weeks", &every)?;
                season.serialize_entry("anchor_date", &anchor.to_string())?;
            }
        }
        season.serialize_entry("content", &self.content)?;
        season.end()
    }
}

/// The seasons of one schedule, in the order sent: of those that hold on a day the first has its week.
///
/// ```
/// use calendar::Seasons;
///
/// let text = r#"[{"name":"big","every_weeks":2,"anchor_date":"2026-11-30","content":[]}]"#;
/// let seasons: Seasons = serde_json::from_str(text)?;
/// assert_eq!(serde_json::to_string(&seasons)?, text);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Seasons(Vec<Season>);

impl Seasons {
    /// Checks what came over the wire.
    ///
    /// # Errors
    /// Every fault found, at most [`FAULTS_REPORTED`](crate::FAULTS_REPORTED), with paths relative to the list:
    /// `[0].content[0].week`. More than [`MAX_SEASONS`] seasons or [`MAX_WINDOWS`] windows in all are refused unread.
    ///
    /// ```
    /// use calendar::{SeasonInput, Seasons};
    ///
    /// let faults = Seasons::parse(vec![SeasonInput::default()]).unwrap_err();
    /// assert_eq!(faults[0].to_string(), "[0].begin_date: must be given, or every_weeks and anchor_date");
    /// ```
    pub fn parse(input: Vec<SeasonInput>) -> Result<Seasons, Vec<CalendarFault>> {
        if input.len() > MAX_SEASONS {
            return Err(vec![CalendarFault::new("", Rule::TooManySeasons)]);
        }
        let windows = input.iter().flat_map(|season| &season.content).map(|day| day.times.len());
        if windows.sum::<usize>() > MAX_WINDOWS {
            return Err(vec![CalendarFault::new("", Rule::TooManyWindows)]);
        }
        let mut faults = CalendarFaults::default();
        let parse = |(at, input)| parse_season(input, at, &mut faults);
        let seasons = Seasons(input.into_iter().enumerate().filter_map(parse).collect());
        if weeks_of_cycle(seasons.iter().map(Season::time)).is_none() {
            faults.add(String::new, Rule::SeasonsRepeatTooRarely);
        }
        faults.into_result(seasons)
    }

    /// The seasons in the order sent. Example at [`Season`].
    pub fn iter(&self) -> std::slice::Iter<'_, Season> {
        self.0.iter()
    }

    /// Whether there is none.
    ///
    /// ```
    /// assert!(calendar::Seasons::default().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The weeks after which all seasons that come every so many weeks repeat together, if at most [`MAX_EVERY_WEEKS`].
pub(crate) fn weeks_of_cycle(mut seasons: impl Iterator<Item = SeasonTime>) -> Option<u16> {
    seasons.try_fold(1_u16, |weeks, season| match season {
        SeasonTime::Dates(_) => Some(weeks),
        SeasonTime::EveryWeeks { every, .. } => {
            let least_common_multiple = weeks / greatest_common_divisor(weeks, every) * every;
            (least_common_multiple <= MAX_EVERY_WEEKS).then_some(least_common_multiple)
        }
    })
}

const fn greatest_common_divisor(one: u16, other: u16) -> u16 {
    if other == 0 { one } else { greatest_common_divisor(other, one % other) }
}

impl<'a> IntoIterator for &'a Seasons {
    type Item = &'a Season;
    type IntoIter = std::slice::Iter<'a, Season>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'de> Deserialize<'de> for Seasons {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Seasons, D::Error> {
        let input = Vec::deserialize(deserializer)?;
        Seasons::parse(input).map_err(|faults| serde::de::Error::custom(joined(&faults)))
    }
}

fn parse_season(input: SeasonInput, at: usize, faults: &mut CalendarFaults) -> Option<Season> {
    let path = |member: &str| format!("[{at}].{member}");
    if input.name.chars().count() > MAX_NAME_CHARACTERS {
        faults.add(|| path("name"), Rule::NameTooLong);
    }
    let time = parse_time(&input, path, faults);
    let content = WeeklyWindows::parse(input.content)
        .map_err(|found| {
            faults.extend(found.into_iter().map(|fault| fault.prefixed(&path("content"))));
        })
        .ok();
    Some(Season { name: input.name, time: time?, content: content? })
}

fn parse_time(
    input: &SeasonInput,
    path: impl Fn(&str) -> String,
    faults: &mut CalendarFaults,
) -> Option<SeasonTime> {
    let by_dates = input.begin_date.is_some() || input.end_date.is_some();
    let by_weeks = input.every_weeks.is_some() || input.anchor_date.is_some();
    match (by_dates, by_weeks) {
        (true, true) => {
            faults.add(|| path("every_weeks"), Rule::SeasonOfTwoKinds);
            None
        }
        (false, true) => {
            let every = faults.check(|| path("every_weeks"), parse_every(input.every_weeks));
            let anchor = parse_date(input.anchor_date.as_deref().unwrap_or_default());
            let anchor = faults.check(|| path("anchor_date"), anchor);
            Some(SeasonTime::EveryWeeks { every: every?, anchor: anchor? })
        }
        _ => {
            let Some(begin) = &input.begin_date else {
                faults.add(|| path("begin_date"), Rule::SeasonWithoutTime);
                return None;
            };
            DateRange::parse(begin, input.end_date.as_deref(), path, faults).map(SeasonTime::Dates)
        }
    }
}

fn parse_every(every: Option<i64>) -> Result<u16, Rule> {
    let every = every.and_then(|every| u16::try_from(every).ok());
    every.filter(|every| (2..=MAX_EVERY_WEEKS).contains(every)).ok_or(Rule::EveryWeeksOutOfRange)
}
