"""What scripts/check-s3 asks of a bucket and of recordings in it, with the service's own library and over HTTP.

    python check.py bucket
    python check.py recordings URL TOKEN USER TASK CALLS DATABASE
"""

import hashlib
import json
import os
import sqlite3
import sys
import time
import urllib.error
import urllib.request

import boto3

BUCKET = "calls"
HEAD = 4096  # The head of a recording's file.
PATIENCE = 60


def bucket():
    return boto3.resource("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"], region_name=os.environ["AWS_REGION"]).Bucket(BUCKET)


def make_bucket() -> None:
    bucket().create(CreateBucketConfiguration={"LocationConstraint": os.environ["AWS_REGION"]})


def until(what: str, is_so) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, f"{what}: not within {PATIENCE} s"
        time.sleep(0.1)


class Recordings:
    """The recordings of a task's calls."""

    def __init__(self, url: str, token: str, user: str, task: str):
        self.url, self.token, self.user, self.task = url, token, user, task

    def ask(self, method: str, path: str, body=None) -> dict:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(f"{self.url}/agent-api/user/{self.user}{path}", data, headers, method=method)
        with urllib.request.urlopen(asked) as answer:
            return json.load(answer)["data"]

    def records(self) -> list[dict]:
        return self.ask("GET", f"/task/{self.task}/record?limit=100")

    def address(self, record: dict) -> str:
        return self.url + self.ask("GET", f"/task/{self.task}/record/{record['record_id']}/download-full-voice")["url"]

    def heard(self, address: str, **headers: str) -> tuple[int, bytes]:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers)) as answer:
            return answer.status, answer.read()

    def are_in_bucket(self, calls: int) -> bool:
        recordings = [record["recording"] for record in self.records()]
        return len(recordings) == calls and all(one and one["stored_in"] == "bucket" for one in recordings)


def check_heard(recordings: Recordings, record: dict, objects: dict[str, bytes]) -> None:
    file = objects[f"of/ours/{recordings.user}/{record['record_id']}.wav"]
    told = record["recording"]
    assert (told["bytes"], told["sha256"]) == (len(file), hashlib.sha256(file).hexdigest()), told
    address = recordings.address(record)
    assert recordings.heard(address) == (200, file), "what is heard is not what is kept"
    for text, part in [("bytes=0-99", file[:100]), ("bytes=5000-6001", file[5000:6002]), ("bytes=-77", file[-77:])]:
        assert recordings.heard(address, Range=text) == (206, part), text
    # Whoever called sent what the callee's side sent back: both channels have the same sound.
    said, back = file[HEAD::2], file[HEAD + 1 :: 2]
    loud = next(at for at in range(len(said)) if len(set(said[at : at + 80])) > 20)
    assert back.find(said[loud : loud + 8_000]) >= 0, "the callee's channel has not what was sent back"


def check_recordings(url: str, token: str, user: str, task: str, calls: str, database: str) -> None:
    recordings = Recordings(url, token, user, task)
    until("all recordings are in the bucket", lambda: recordings.are_in_bucket(int(calls)))
    records = recordings.records()
    objects = {one.key: one.get()["Body"].read() for one in bucket().objects.all()}
    assert len(objects) == len(records), sorted(objects)
    for record in records:
        check_heard(recordings, record, objects)

    count = lambda: sum(1 for _ in bucket().objects.all())  # noqa: E731
    erased, old = records[0], records[1]
    recordings.ask("POST", "/erase-number", {"phone": erased["phone"]})
    until("one is gone with its number", lambda: count() == len(records) - 1)
    # A day passes for one of them.
    with sqlite3.connect(database, timeout=30) as rows:
        named = bytes.fromhex(old["record_id"].replace("-", ""))
        changed = rows.execute("UPDATE recordings SET delete_at = begun_at WHERE attempt_id = ?", (named,)).rowcount
        assert changed == 1, changed
    until("one is gone with its day", lambda: count() == len(records) - 2)
    until("its record says so", lambda: any(one["recording"]["state"] == "deleted" for one in recordings.records() if one["recording"]))
    events = recordings.ask("GET", "/events?limit=1000")["events"]
    assert [event["detail"]["record_id"] for event in events if event["type"] == "recording.deleted"] == [old["record_id"]]
    recordings.ask("DELETE", "?with_everything=1")
    until("the others are gone with their account", lambda: count() == 0)
    print(f"{calls} recordings of {len(next(iter(objects.values())))} bytes: whole, in parts, erased, old and with their account", flush=True)


if __name__ == "__main__":
    {"bucket": make_bucket, "recordings": check_recordings}[sys.argv[1]](*sys.argv[2:])
