"""The README's first steps through the client that openapi-python-client makes of openapi.json."""

import os
from datetime import datetime
from uuid import UUID

from python import AuthenticatedClient
from python.api.decision import group_decision
from python.api.dial_time_group import delete_group, list_groups, save_group
from python.api.task_1_0 import create_task
from python.models import SaveGroup, TaskBody, WeekdayWindows, Window

client = AuthenticatedClient(base_url=os.environ["DIALTIME_URL"], token=os.environ["TOKEN"])
user = UUID(os.environ["USER_ID"])

windows = WeekdayWindows(week=1, times=[Window(begin_time="08:00", end_time="20:00")])
body = SaveGroup(name="weekdays", content=[windows], is_default=True, skip_holiday=True)
group = save_group.sync(user, client=client, body=body).data
assert group.name == "weekdays" and group.content[0].times[0].end_time == "20:00", group

page = list_groups.sync(user, client=client)
assert page.meta.total >= 1 and group.id in [listed.id for listed in page.data], page

decision = group_decision.sync(user, group.id, client=client, at=datetime.fromisoformat("2026-11-23T10:00:00+08:00")).data
assert decision.allowed and decision.reason.rule.value == "weekly", decision
assert decision.next_change_at.isoformat() == "2026-11-23T20:00:00+08:00", decision

body = TaskBody(name="calls", dial_time_id=group.id, destination_extension=297, maximumcall=1, caller_line_id=user)
task = create_task.sync(user, client=client, body=body).data
assert task.status.value == 1, task

refused = delete_group.sync_detailed(user, group.id, client=client)
assert refused.status_code == 409 and refused.parsed.code == 8101, refused
print("the Python client: created, listed, decided, and was refused with", refused.parsed.code)
