"""Writes china/YEAR.json, or YEAR.json in the folder named, from the packaged source and the facts in notices.py,
statutory.py and corrections.json."""

import datetime
import json
import pathlib
import sys

import chinese_calendar
from notices import ADDRESSES, DAYS_OF, STANDS_FOR
from statutory import statutory

HERE = pathlib.Path(__file__).parent
NAMES = {"清明": "清明节", "端午": "端午节", "中秋": "中秋节"}
YEARS = range(2004, 2027)


def name_of(value):
    chinese = chinese_calendar.Holiday(value).chinese
    return NAMES.get(chinese, chinese)


def notice_of(date, name):
    for notice, dates in DAYS_OF.items():
        if date.isoformat() in dates:
            return notice
    # The last days of December belong to New Year's Day, and so to the next year's notice.
    return str(date.year + 1) if date.month == 12 and name == "元旦" else str(date.year)


def day_of(date, kind, name):
    day = {"date": date.isoformat(), "kind": kind, "name": name}
    if kind == "makeup_workday" and date.isoformat() in STANDS_FOR:
        day["stands_for"] = STANDS_FOR[date.isoformat()]
    if notice_of(date, name) != str(date.year):
        day["notice"] = notice_of(date, name)
    return day


def days():
    constants = chinese_calendar.constants
    found = {date: ("holiday", name_of(value)) for date, value in constants.holidays.items()}
    found |= {date: ("makeup_workday", name_of(value)) for date, value in constants.workdays.items()}
    for correction in json.loads((HERE / "corrections.json").read_text()):
        date = datetime.date.fromisoformat(correction["date"])
        found[date] = (correction["kind"], correction["name"])
    of_law = {date for year in YEARS for date in statutory(year)}
    if missing := [date for date in of_law if found.get(date, [""])[0] != "holiday"]:
        raise ValueError(f"statutory days that are not off: {missing}")
    found |= {
        date: ("moved_holiday", name) for date, (kind, name) in found.items() if kind == "holiday" and date not in of_law
    }
    return [day_of(date, *found[date]) for date in sorted(found)]


def write(folder, year, of_year):
    notices = sorted({day.get("notice", day["date"][:4]) for day in of_year})
    lines = ",\n".join("    " + json.dumps(day, ensure_ascii=False) for day in of_year)
    addresses = ",\n".join(
        "    " + json.dumps({"id": notice, "address": ADDRESSES[notice]}, ensure_ascii=False)
        for notice in notices
    )
    text = f'{{\n  "year": {year},\n  "notices": [\n{addresses}\n  ],\n  "days": [\n{lines}\n  ]\n}}\n'
    (folder / f"{year}.json").write_text(text)


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "china"
    every = days()
    for year in YEARS:
        write(folder, year, [day for day in every if day["date"].startswith(str(year))])


if __name__ == "__main__":
    main()
