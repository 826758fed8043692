"""Lists, saves, updates and deletes dial time groups, with requests."""

import os
import sys

import requests

USER = "5832d184-dd53-42a0-8ace-0bf8d660f4cc"
GROUPS = os.environ.get("DIALTIME_URL", "http://127.0.0.1:8080") + f"/agent-api/user/{USER}/dial-time-group"
TOKEN = os.environ.get("DIALTIME_TOKEN", "YOUR_TOKEN")

MONDAY_AND_WEDNESDAY = {
    "name": "周一周三拨打",
    "content": [
        {
            "week": 1,
            "times": [
                {"begin_time": "08:00", "end_time": "20:00"},
                {"begin_time": "20:30", "end_time": "22:00"},
            ],
        },
        {
            "week": 3,
            "times": [
                {"begin_time": "08:00", "end_time": "12:00"},
                {"begin_time": "20:30", "end_time": "22:00"},
            ],
        },
    ],
    "is_default": False,
    "skip_holiday": True,
}

FRIDAY = {
    "name": "代理测试1",
    "content": [
        {
            "week": 5,
            "times": [
                {"begin_time": "08:00", "end_time": "20:00"},
                {"begin_time": "20:30", "end_time": "22:00"},
            ],
        },
    ],
    "is_default": True,
    "skip_holiday": True,
}

DELETED = '{"code":200,"status":"success","message":"删除成功","data":[]}'
IN_USE = '{"code":8101,"status":"error","message":"呼叫时间组已关联任务,不可删除","data":[]}'


class UnexpectedAnswer(Exception):
    """The server answered something else than this program relies on."""


def check(name: str, response: requests.Response, *, status: int = 200, code: int = 200) -> dict:
    """Prints the answer's code and message, and returns the answer if it is as expected."""
    answer = response.json()
    print(name, answer["code"], answer["message"])
    if (response.status_code, answer["code"]) != (status, code):
        raise UnexpectedAnswer(f"HTTP {response.status_code} {response.text}")
    return answer


def check_exactly(response: requests.Response, expected: str) -> None:
    if response.text != expected:
        raise UnexpectedAnswer(response.text)


def main() -> None:
    with requests.Session() as session:
        session.headers["Content-Type"] = "application/json"
        session.headers["Authorization"] = f"Bearer {TOKEN}"

        check("list", session.get(GROUPS, params={"page": 1}, timeout=10))

        saved = check("save", session.post(GROUPS, json=MONDAY_AND_WEDNESDAY, timeout=10))
        group = f"{GROUPS}/{saved['data']['id']}"

        updated = check("update", session.put(group, json=FRIDAY, timeout=10))
        if updated["message"] != "修改成功":
            raise UnexpectedAnswer(updated)

        response = session.delete(group, timeout=10)
        check("delete", response)
        check_exactly(response, DELETED)

        # A task uses this group: it must stay.
        response = session.delete(f"{GROUPS}/428", timeout=10)
        check("delete-in-use", response, status=409, code=8101)
        check_exactly(response, IN_USE)


if __name__ == "__main__":
    try:
        main()
    except (requests.RequestException, UnexpectedAnswer) as error:
        sys.exit(f"{type(error).__name__}: {error}")
