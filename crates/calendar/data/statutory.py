"""Which days off are the statutory festivals themselves (法定节假日), by the State Council's rules on days off at festivals
(全国年节及纪念日放假办法) as they were in each year. All other days off were moved to them, or joined them to a weekend."""

import datetime

# The Spring Festival, Qingming, the Dragon Boat Festival and Mid-Autumn; check_china.py compares what follows from them.
FESTIVALS = {
    2004: ("01-22", "04-04", "06-22", "09-28"),
    2005: ("02-09", "04-05", "06-11", "09-18"),
    2006: ("01-29", "04-05", "05-31", "10-06"),
    2007: ("02-18", "04-05", "06-19", "09-25"),
    2008: ("02-07", "04-04", "06-08", "09-14"),
    2009: ("01-26", "04-04", "05-28", "10-03"),
    2010: ("02-14", "04-05", "06-16", "09-22"),
    2011: ("02-03", "04-05", "06-06", "09-12"),
    2012: ("01-23", "04-04", "06-23", "09-30"),
    2013: ("02-10", "04-04", "06-12", "09-19"),
    2014: ("01-31", "04-05", "06-02", "09-08"),
    2015: ("02-19", "04-05", "06-20", "09-27"),
    2016: ("02-08", "04-04", "06-09", "09-15"),
    2017: ("01-28", "04-04", "05-30", "10-04"),
    2018: ("02-16", "04-05", "06-18", "09-24"),
    2019: ("02-05", "04-05", "06-07", "09-13"),
    2020: ("01-25", "04-04", "06-25", "10-01"),
    2021: ("02-12", "04-04", "06-14", "09-21"),
    2022: ("02-01", "04-05", "06-03", "09-10"),
    2023: ("01-22", "04-05", "06-22", "09-29"),
    2024: ("02-10", "04-04", "06-10", "09-17"),
    2025: ("01-29", "04-04", "05-31", "10-06"),
    2026: ("02-17", "04-05", "06-19", "09-25"),
}

# What one notice gave: the anniversary of 2015, a day off for the whole country.
ONCE = {datetime.date(2015, 9, 3)}

# On 1 October 2020 National Day and Mid-Autumn fell together; the ministry of human resources counted 4 October as the
# fourth statutory day (wages threefold on 1 to 4 October). In 2009 the notice moved Mid-Autumn of 3 October to a weekday, as
# a weekend is moved.
ONCE |= {datetime.date(2020, 10, 4)}


def statutory(year):
    """The statutory days off of a year for all citizens."""
    spring, qingming, dragon_boat, mid_autumn = (
        datetime.date.fromisoformat(f"{year}-{day}") for day in FESTIVALS[year]
    )
    # New Year's Eve of the lunar calendar was one from 2008 to 2013, in the place of the third day, and is again from 2025.
    first = -1 if 2008 <= year <= 2013 or year >= 2025 else 0
    last = 1 if 2008 <= year <= 2013 else 2
    days = {spring + datetime.timedelta(days=after) for after in range(first, last + 1)}
    labour_days = 3 if year < 2008 else 1 if year < 2025 else 2
    days |= {datetime.date(year, 1, 1)}
    days |= {datetime.date(year, 5, day) for day in range(1, labour_days + 1)}
    days |= {datetime.date(year, 10, day) for day in (1, 2, 3)}
    if year >= 2008:
        days |= {qingming, dragon_boat, mid_autumn}
    return days | {day for day in ONCE if day.year == year}
