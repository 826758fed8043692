"""Compares china/YEAR.json with a second packaged source, day by day: whether it is worked, and whether it is a statutory
day off or one that was moved. Fails on every difference that differences.json does not list with a reason, and on every
listed one that is no more."""

import datetime
import json
import pathlib
import sys

import holidays

HERE = pathlib.Path(__file__).parent


WORKED, STATUTORY, OFF = "works", "rests by law", "rests"

# What the second source has beside the festivals: days that were moved, and those that lengthened a holiday.
MOVED = ("Day off", "Chinese New Year Extended Holiday")


def ours(years):
    kinds = {"makeup_workday": WORKED, "holiday": STATUTORY, "moved_holiday": OFF}
    days = {}
    for year in years:
        for day in json.loads((HERE / "china" / f"{year}.json").read_text())["days"]:
            days[day["date"]] = kinds[day["kind"]]
    return lambda date: days.get(date.isoformat(), WORKED if date.weekday() < 5 else OFF)


def theirs(years):
    around = [years[0] - 1, *years, years[-1] + 1]
    working = holidays.China(years=around)
    # Without the days given for festivals at weekends.
    festivals = holidays.China(years=around, observed=False, language="en_US")

    def of(date):
        if any(not name.startswith(MOVED) for name in festivals.get_list(date)):
            return STATUTORY
        return WORKED if working.is_working_day(date) else OFF

    return of


def differences(years):
    our, their = ours(years), theirs(years)
    date = datetime.date(years[0], 1, 1)
    while date.year <= years[-1]:
        mine, other = our(date), their(date)
        if mine != other:
            yield date.isoformat(), f"ours {mine}, the check {other}"
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
