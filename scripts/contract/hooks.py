"""What Schemathesis has to know beside openapi.json: values that no schema can describe, and the two kinds of finding that are none.

A refusal of good data is none when the schema could not have told: a rule between two fields, or a thing that must exist. Bad data that
is accepted is none when it is only written in another way than documented (`"1"` for 1), which is taken on purpose.
"""

import copy
import json
import re
import struct
import uuid

import jsonschema_rs
import schemathesis
from hypothesis import strategies
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import RejectedPositiveData

DOCUMENT = json.load(open("openapi.json", encoding="utf-8"))
SCHEMAS = DOCUMENT["components"]["schemas"]
PARTS = [part for schema in SCHEMAS.values() for part in [schema, *schema.get("allOf", [])]]
DESCRIBED = {name for part in PARTS for name in part.get("properties", {})}

# --- Values -------------------------------------------------------------------------------------------------------------

schemathesis.openapi.format("iana-time-zone", strategies.sampled_from(["Asia/Shanghai", "America/New_York", "UTC"]))
schemathesis.openapi.format("holiday-calendar", strategies.just("CN"))
schemathesis.openapi.format("uri", strategies.from_regex(r"\Ahttps://[a-z]{1,20}\.example(/[a-z0-9]{0,20})?\Z"))


def wav(samples):
    """A file with so many samples of silence, of 16 bits, 8,000 a second."""
    audio = struct.pack("<4sIHHIIHH4sI", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16, b"data", 2 * samples) + bytes(2 * samples)
    return b"RIFF" + struct.pack("<I", 4 + len(audio)) + b"WAVE" + audio


schemathesis.openapi.media_type("audio/wav", strategies.integers(min_value=800, max_value=8000).map(wav))


@schemathesis.serializer("audio/wav")
def audio_serializer(context, value):
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def holidays(day):
    """A file with a day off in January 2026, which is before any `known_until` that is given as an example."""
    event = ["BEGIN:VEVENT", f"UID:{day}", f"DTSTART;VALUE=DATE:202601{day:02}", "SUMMARY:Public holiday", "END:VEVENT"]
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//a//b//EN", *event, "END:VCALENDAR", ""]).encode()


schemathesis.openapi.media_type("text/calendar", strategies.integers(min_value=1, max_value=28).map(holidays))


@schemathesis.serializer("text/calendar")
def calendar_serializer(context, value):
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def likely(group):
    """The id or the version of a group that is likely to be there, in place of a made-up one: they are numbered from 1."""
    is_whole_number = isinstance(group, int) and not isinstance(group, bool)
    return 1 + group % 5 if is_whole_number and group > 5 else group


def without_sub_user(values):
    """Without a made-up `sub_user_id`: there is no such sub-user, and nothing behind that would be reached. A bad one is left, but for
    none at all, which is sent as a good one where it may be `null`."""
    if not isinstance(values, dict):
        return values
    try:
        uuid.UUID(values.get("sub_user_id") or str(uuid.UUID(int=0)))
    except (ValueError, TypeError, AttributeError):
        return values
    return {name: value for name, value in values.items() if name != "sub_user_id"}


@schemathesis.hook
def map_query(context, query):
    return without_sub_user(query)


@schemathesis.hook
def map_body(context, body):
    body = without_sub_user(body)
    if isinstance(body, dict):
        body = {**body, **{name: likely(body[name]) for name in ("dial_time_id", "group_id", "with") if name in body}}
    return body


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    if path_parameters and "group_id" in path_parameters:
        path_parameters = {**path_parameters, "group_id": likely(path_parameters["group_id"])}
    if path_parameters and "version" in path_parameters:
        path_parameters = {**path_parameters, "version": likely(path_parameters["version"])}
    if path_parameters and "tenant_id" in path_parameters and path_parameters["tenant_id"] in (None, "null"):
        # Learnt from answers, where a user without a tenant has none.
        path_parameters = {**path_parameters, "tenant_id": str(uuid.UUID(int=0))}
    return path_parameters


# --- Rules that no schema can tell --------------------------------------------------------------------------------------

RELATIONS = {
    "address_not_public",
    "after_known_until",
    "caller_number",  # An asterisk stands in what is shown masked, and in nothing that is sent.
    "begin_equals_end",
    "condition",
    "date_forms_differ",
    "date_time",  # Days that no calendar has.
    "differs",
    "effect_without_times",
    "encrypted",
    "end_before_begin",
    "endless",
    "excludes",
    "half_day_over_midnight",
    "half_day_without_times",
    "header_reserved",
    "holiday_stands_for_nothing",
    "host",  # Not all that looks like an IPv6 address is one, nor all that looks like a port.
    "id_unavailable",
    "invisible_character",  # One of them is good between two pictographs.
    "itself",
    "known_without_days",  # Up to which day a file is complete: within the last year of which it has days.
    "no_end",
    "no_holiday_days",  # Of a file that is complete up to a day before all of its own.
    "not_after",
    "not_of_these_days",
    "nth_out_of_range",  # Needed for one kind of days; and 0 lies between its bounds.
    "number_ranges",  # At most two digits after the point, and a query writes them in a way of its own.
    "one_needed",  # Of two fields.
    "only_simulated",
    "only_sip",
    "outside_call",  # How long the call was.
    "past",
    "repeated",
    "price",  # At most six digits after the point.
    "rate",  # At most three digits after the point.
    "residue",
    "season_of_two_kinds",
    "season_without_time",
    "seasons_repeat_too_rarely",
    "secret_alone",
    "sip_address",
    "sip_identity",
    "sip_user",
    "span",
    "taken",
    "times_of_no_half_day",
    "too_many",
    "too_many_days",
    "too_many_windows",
    "two_times",
    "unknown",
    "unreachable",
    "web_socket_url",  # What a host is.
}

# Whether digits are a number, and whose, is for the numbering plans of countries.
RELATIONS |= {
    f"number_{rule}"
    for rule in (
        "emergency",
        "no_number",
        "not_possible",
        "premium",
        "satellite",
        "service",
        "too_long",
        "too_short",
        "unknown_country",
    )
}


# A stop is of a level, and refuses the ids of the other levels by name: as objects that are open to fields of later versions, the levels
# cannot tell.
IDS_OF_OTHER_LEVELS = {"user_id", "sub_user_id", "line_id"}


# What is needed, or bounded otherwise, only where another field has a value.
NEEDED_BY_OTHERS = {
    ("batch", "out_of_range"),  # In the platform's format each event is sent alone.
    ("dial_time_id", "required"),  # Of a move to one group.
    ("exceptions[].begin_date", "required"),
    ("exceptions[].begin_date", "date_missing"),
    ("exceptions[].week", "week_out_of_range"),
    ("extension", "required"),
    ("on_machine.prompt", "required"),  # Of a message to be left.
    ("seasons[].anchor_date", "date_format"),
    ("seasons[].every_weeks", "every_weeks_out_of_range"),
    ("sip", "required"),
    ("steps[].extension", "required"),
    ("task_ids", "required"),  # Of a move to one group.
    ("transcript[].number", "out_of_range"),  # Of so many turns.
    ("user_id", "required"),  # Of a closure of one account.
}
# The same in a preview, where the group is a member.
NEEDED_BY_OTHERS |= {(f"group.{field}", rule) for field, rule in NEEDED_BY_OTHERS}


def is_none(fault):
    """Whether a schema could not have told, or the field is none that the document describes: some bodies refuse those by name."""
    name = fault["field"].rsplit(".")[-1]
    made_up = fault["rule"] == "unknown_field" and (name not in DESCRIBED or name in IDS_OF_OTHER_LEVELS)
    # Only a line of kind `sip` must have a trunk; a call is transferred to an extension where it is to no SIP address.
    field = re.sub(r"\[\d+\]", "[]", fault["field"])
    conditional = (field, fault["rule"]) in NEEDED_BY_OTHERS
    return made_up or conditional or fault["rule"] in RELATIONS


def only_relations(response):
    """Whether nothing but such a rule was broken."""
    if response.status_code != 422:
        # `If-Match` named a version that there is not, or `Range` a part.
        return response.status_code in (412, 416)
    # A key that was used for another request has no faults.
    return all(is_none(fault) for fault in json.loads(response.content)["data"])


# --- Leniency -----------------------------------------------------------------------------------------------------------

WHOLE_NUMBER = {"type": "string", "pattern": r"^-?[0-9]+(\.0+)?$"}
YES_OR_NO = {"enum": [0, 1, "0", "1", "true", "false", "True", "False", "TRUE", "FALSE"]}


def relaxed(schema):
    """The schema with what is taken in place of whole numbers and of yes and no."""
    if isinstance(schema, list):
        return [relaxed(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    kinds = schema.get("type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    inner = {key: relaxed(value) for key, value in schema.items()}
    if "integer" in kinds:
        return {"anyOf": [inner, WHOLE_NUMBER]}
    if "boolean" in kinds:
        return {"anyOf": [inner, YES_OR_NO]}
    return inner


RELAXED = {"components": {"schemas": relaxed(copy.deepcopy(SCHEMAS))}}


def is_good(schema, value):
    return jsonschema_rs.is_valid({**relaxed(copy.deepcopy(schema)), **RELAXED}, value)


def is_lenient(case):
    """Whether the request is good if read as leniently as the program reads."""
    operation = DOCUMENT["paths"][case.operation.path][case.operation.method.lower()]
    schemas = {parameter["name"]: parameter["schema"] for parameter in operation.get("parameters", [])}
    query = case.query if isinstance(case.query, dict) else {}
    # An empty one counts as not given.
    given = {name: value for name, value in query.items() if value != ""}
    if not all(is_good(schemas.get(name, True), value) for name, value in given.items()):
        return False
    body = case.body
    if isinstance(body, dict):
        # An empty deadline is none.
        body = {name: value for name, value in body.items() if (name, value) != ("deadline_at", "")}
    written = operation.get("requestBody")
    # A file is read row by row, and what is wrong with a row is said in the answer.
    if written and "application/json" not in written["content"]:
        return True
    return not written or is_good(written["content"]["application/json"]["schema"], body)


def answers_each(case, response):
    """Whether the questions of a batch were answered one by one: what is wrong with one is said in its own answer."""
    return case.operation.path.endswith("/decisions") and isinstance(case.body, dict) and (
        len(json.loads(response.content)["data"]) == len(case.body["queries"])
    )


@schemathesis.hook
def filter_failure(context, failure, case, response):
    if isinstance(failure, RejectedPositiveData):
        return not only_relations(response)
    if isinstance(failure, AcceptedNegativeData):
        # A list that is far too long makes a body that is, and is not read; nor is one for a version that there is not (`If-Match`).
        if response.status_code in (412, 413):
            return False
        return not (is_lenient(case) or answers_each(case, response))
    return True
