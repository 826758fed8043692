//! China's days off since 2004, built into the program.
//!
//! The files are listed here; `data/` says how they are made and checked.

use std::sync::{Arc, LazyLock};

use serde::Deserialize;

use crate::holidays::{HolidayCalendar, HolidayCalendarInput, HolidayDayInput, Notice};

macro_rules! years {
    ($($year:literal)+) => {
        [$(($year, include_str!(concat!("../data/china/", $year, ".json"))),)+]
    };
}

const YEARS: &[(i16, &str)] = &years! {
    2004 2005 2006 2007 2008 2009 2010 2011 2012 2013 2014 2015
    2016 2017 2018 2019 2020 2021 2022 2023 2024 2025 2026
};

/// One file.
#[derive(Deserialize)]
struct Year {
    notices: Vec<Notice>,
    days: Vec<HolidayDayInput>,
}

static CHINA: LazyLock<Arc<HolidayCalendar>> = LazyLock::new(|| {
    let mut input = HolidayCalendarInput {
        id: "CN".into(),
        known_until: YEARS.last().map(|(year, _)| format!("{year}-12-31")).unwrap_or_default(),
        notices: vec![],
        days: vec![],
    };
    for (_, text) in YEARS {
        #[expect(clippy::expect_used, reason = "the files are part of the program, and tested")]
        let year: Year = serde_json::from_str(text).expect("the data file of a year is well-formed");
        let known = |notice: &Notice| input.notices.iter().any(|other| other.id == notice.id);
        let new: Vec<Notice> = year.notices.into_iter().filter(|notice| !known(notice)).collect();
        input.notices.extend(new);
        input.days.extend(year.days);
    }
    #[expect(clippy::expect_used, reason = "the files are part of the program, and tested")]
    Arc::new(HolidayCalendar::parse(input).expect("the data files break no rule"))
});

impl HolidayCalendar {
    /// China's calendar (`CN`): the State Council's notices from 2004 on, make-up workdays included, known until
    /// 31 December 2026. The festivals that are days off by law (法定节假日) are [`HolidayKind::Holiday`](crate::HolidayKind::Holiday); days moved to
    /// them, weekends joined to them and what lengthened them are [`HolidayKind::MovedHoliday`](crate::HolidayKind::MovedHoliday).
    ///
    /// ```
    /// use calendar::{HolidayCalendar, HolidayKind};
    ///
    /// let china = HolidayCalendar::china();
    /// assert_eq!(china.known_until(), jiff::civil::date(2026, 12, 31));
    /// let kind = |month, day| china.day(jiff::civil::date(2026, month, day)).map(|day| day.kind);
    /// assert_eq!(kind(1, 1), Some(HolidayKind::Holiday));
    /// assert_eq!(kind(1, 2), Some(HolidayKind::MovedHoliday));
    /// assert_eq!(kind(1, 4), Some(HolidayKind::MakeupWorkday));
    /// assert_eq!(kind(1, 5), None);
    /// ```
    pub fn china() -> Arc<HolidayCalendar> {
        Arc::clone(&CHINA)
    }
}
