//! The holiday calendars that a group follows.

use std::collections::BTreeSet;

use crate::{Counted, FaultRule, HolidayCalendarId};

/// The most holiday calendars that one group may follow.
pub const MOST_FOLLOWED_CALENDARS: usize = 8;

/// The holiday calendars that a group follows: at least one, none of them twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowedCalendars(Vec<HolidayCalendarId>);

impl FollowedCalendars {
    /// These calendars.
    ///
    /// # Errors
    /// [`FaultRule::Empty`] of none, [`FaultRule::TooMany`] above [`MOST_FOLLOWED_CALENDARS`], [`FaultRule::Repeated`].
    pub fn new(calendars: Vec<HolidayCalendarId>) -> Result<Self, FaultRule> {
        let different: BTreeSet<&str> = calendars.iter().map(HolidayCalendarId::as_str).collect();
        match (calendars.len(), different.len()) {
            (0, _) => Err(FaultRule::Empty),
            (given, _) if given > MOST_FOLLOWED_CALENDARS => {
                Err(FaultRule::TooMany(Counted::HolidayCalendars, MOST_FOLLOWED_CALENDARS))
            }
            (given, different) if given > different => Err(FaultRule::Repeated),
            _ => Ok(Self(calendars)),
        }
    }

    /// This calendar only.
    pub fn one(calendar: HolidayCalendarId) -> Self {
        Self(vec![calendar])
    }

    /// The first, which is all that a client of old knows of.
    pub fn first(&self) -> HolidayCalendarId {
        self.0.first().cloned().unwrap_or_default()
    }

    /// All of them, in their order.
    pub fn all(&self) -> &[HolidayCalendarId] {
        &self.0
    }

    /// The field of a request that names the one in this place.
    pub fn field(&self, place: usize) -> String {
        if self.others().is_empty() {
            "holiday_calendar".to_owned()
        } else {
            format!("holiday_calendars[{place}]")
        }
    }

    /// Those after the first.
    pub fn others(&self) -> &[HolidayCalendarId] {
        self.0.get(1..).unwrap_or_default()
    }
}

impl Default for FollowedCalendars {
    fn default() -> Self {
        Self::one(HolidayCalendarId::default())
    }
}
