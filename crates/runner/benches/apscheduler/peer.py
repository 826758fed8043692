"""The peer of the benchmark `runner`: as many jobs as there are groups, all at the next full minute, in APScheduler's SQL
job store; each keeps its group's 100 tasks as running and an event for each, in one transaction."""

import resource
import sys
import tempfile
import threading
import time
from datetime import datetime, timezone

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import create_engine, event, text

TASKS = 100
LEAD = 5

database, url, groups = sys.argv[1], sys.argv[2], int(sys.argv[3])
if database == "sqlite":
    folder = tempfile.TemporaryDirectory()
    address = f"sqlite:///{folder.name}/peer.db"
    engine = create_engine(address, connect_args={"timeout": 120})

    @event.listens_for(engine, "connect")
    def settings(connection, _):
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")

else:
    address = url.replace("postgres://", "postgresql+psycopg2://", 1).replace("postgresql://", "postgresql+psycopg2://", 1)
    engine = create_engine(address, pool_size=16)

with engine.begin() as connection:
    connection.execute(text("CREATE TABLE peer_tasks (id BIGINT PRIMARY KEY, group_id BIGINT, running INTEGER)"))
    connection.execute(text("CREATE TABLE peer_events (id BIGINT PRIMARY KEY, task_id BIGINT, kind TEXT, due_at BIGINT)"))
    rows = [{"id": task, "group": task // TASKS} for task in range(groups * TASKS)]
    for begin in range(0, len(rows), 10_000):
        connection.execute(text("INSERT INTO peer_tasks VALUES (:id, :group, 0)"), rows[begin : begin + 10_000])
    connection.execute(text("CREATE INDEX peer_tasks_by_group ON peer_tasks (group_id)"))

lateness, done, all_done = [], threading.Lock(), threading.Event()
opening = 0.0


def open_group(group):
    with engine.begin() as connection:
        connection.execute(text("UPDATE peer_tasks SET running = 1 WHERE group_id = :group"), {"group": group})
        tasks = range(group * TASKS, (group + 1) * TASKS)
        told = [{"id": task, "due": int(opening * 1e6)} for task in tasks]
        connection.execute(text("INSERT INTO peer_events VALUES (:id, :id, 'task.running', :due)"), told)
    with done:
        lateness.append((time.time() - opening) * 1000)
        if len(lateness) == groups:
            all_done.set()


scheduler = BackgroundScheduler(
    jobstores={"default": SQLAlchemyJobStore(engine=engine)},
    executors={"default": ThreadPoolExecutor(10)},
    job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    timezone=timezone.utc,
)
scheduler.start(paused=True)
# Added far ahead and then moved: adding takes longer than a minute.
far = datetime.fromtimestamp(time.time() + 86_400, timezone.utc)
for group in range(groups):
    scheduler.add_job(open_group, "date", run_date=far, args=[group], id=str(group))
scheduler.shutdown()

opening = ((time.time() + LEAD + groups / 100) // 60 + 1) * 60
scheduler = BackgroundScheduler(
    jobstores={"default": SQLAlchemyJobStore(engine=engine)},
    executors={"default": ThreadPoolExecutor(10)},
    job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    timezone=timezone.utc,
)
scheduler.start(paused=True)
when = datetime.fromtimestamp(opening, timezone.utc)
for group in range(groups):
    scheduler.reschedule_job(str(group), trigger="date", run_date=when)
if time.time() > opening:
    sys.exit("it took too long to get ready")
scheduler.resume()
if not all_done.wait(1_200):
    sys.exit(f"only {len(lateness)} of {groups} jobs ran in 20 minutes")
scheduler.shutdown()
lateness.sort()
at = lambda part: lateness[round((len(lateness) - 1) * part)]
print(at(0.5), at(0.99), at(1.0), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
