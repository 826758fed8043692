//! Seasons on the wire: weeks that take the place of a group's own for a while.

use calendar::{DayWindowsInput, Season, SeasonInput, SeasonTime, Seasons};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::windows::WeekdayWindows;
use crate::http::{
    body::{FieldPath, FromValue, Members, Reading},
    formats::{DateSchema, DayNameSchema, ExceptionDateSchema},
};

/// A season: a week that takes the place of the group's own on some dates, or every so many weeks. Of the seasons that hold on a day the
/// first in the list has its week.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[schema(as = Season)]
pub(crate) struct SeasonBody {
    /// What people call it.
    #[schema(value_type = DayNameSchema, required = false)]
    pub(super) name: String,
    /// The first day of a season of dates.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = ExceptionDateSchema, required = false)]
    begin_date: Option<String>,
    /// The last day, included, in the same form; the first day if left out. A yearly season may run over the year's end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = ExceptionDateSchema, required = false)]
    end_date: Option<String>,
    /// Of a season without dates: it holds in one of so many weeks, Monday to Sunday. All seasons together must repeat after at most
    /// 52 weeks.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false, minimum = 2, maximum = 52, example = 2)]
    every_weeks: Option<i64>,
    /// A day of a week in which it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = DateSchema, required = false)]
    anchor_date: Option<String>,
    /// The windows of its weeks, as the group's own; empty: never open.
    #[schema(max_items = 64)]
    content: Vec<WeekdayWindows>,
}

impl FromValue for SeasonBody {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        let mut members = Members::of(value, place, reading)?;
        let season = Self {
            name: members.take("name").unwrap_or_default(),
            begin_date: members.take("begin_date"),
            end_date: members.take("end_date"),
            every_weeks: members.take("every_weeks"),
            anchor_date: members.take("anchor_date"),
            content: members.need("content").unwrap_or_default(),
        };
        members.know_only(&[&["name", "begin_date", "end_date", "every_weeks", "anchor_date", "content"]]);
        Some(season)
    }

    fn faulty() -> Option<Self> {
        Some(Self::default())
    }
}

impl From<SeasonBody> for SeasonInput {
    fn from(season: SeasonBody) -> Self {
        let SeasonBody { name, begin_date, end_date, every_weeks, anchor_date, content } = season;
        let content = content.into_iter().map(DayWindowsInput::from).collect();
        Self { name, begin_date, end_date, every_weeks, anchor_date, content }
    }
}

impl SeasonBody {
    /// A group's seasons in the order they were sent.
    pub(super) fn of(seasons: &Seasons) -> Vec<Self> {
        let view = |season: &Season| {
            let (name, content) = (season.name().to_owned(), WeekdayWindows::of(season.content()));
            match season.time() {
                SeasonTime::Dates(dates) => {
                    let (begin, end) = dates.as_text();
                    Self { name, begin_date: Some(begin), end_date: Some(end), content, ..Self::default() }
                }
                SeasonTime::EveryWeeks { every, anchor } => {
                    let (every_weeks, anchor_date) = (Some(every.into()), Some(anchor.to_string()));
                    Self { name, every_weeks, anchor_date, content, ..Self::default() }
                }
            }
        };
        seasons.iter().map(view).collect()
    }
}
