"""Compares china/YEAR.json with a second packaged source, day by day, and fails on every difference that
differences.json does not list with a reason, and on every listed one that is no more."""

import datetime
import json
import pathlib
import sys

import holidays

HERE = pathlib.Path(__file__).parent


def ours(years):
    works = {}
    for year in years:
        for day in json.loads((HERE / "china" / f"{year}.json").read_text())["days"]:
            works[day["date"]] = day["kind"] == "makeup_workday"
    return lambda date: works.get(date.isoformat(), date.weekday() < 5)


def differences(years):
    works, theirs = ours(years), holidays.China(years=[years[0] - 1, *years, years[-1] + 1])
    date = datetime.date(years[0], 1, 1)
    while date.year <= years[-1]:
        mine, other = works(date), theirs.is_working_day(date)
        if mine != other:
            yield date.isoformat(), f"ours {'works' if mine else 'rests'}, the check {'works' if other else 'rests'}"
        date += datetime.timedelta(days=1)


def main():
    years = sorted(int(path.stem) for path in (HERE / "china").glob("*.json"))
    found = dict(differences(years))
    listed = {item["date"]: item["reason"] for item in json.loads((HERE / "differences.json").read_text())}
    for date in sorted(found.keys() | listed.keys()):
        state = "explained" if date in found and date in listed else "NEW" if date in found else "GONE"
        print(f"{date} {state}: {found.get(date, 'no difference')}: {listed.get(date, 'no reason listed')}")
    print(f"{years[0]} to {years[-1]}: {len(found)} differences, {len(listed)} explained")
    return 0 if found.keys() == listed.keys() else 1


if __name__ == "__main__":
    sys.exit(main())
