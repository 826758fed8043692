"""What Schemathesis has to know beside openapi.json: values that no schema can describe, and the two kinds of finding that are none.

A refusal of good data is none when the schema could not have told: a rule between two fields, or a thing that must exist. Bad data that
is accepted is none when it is only written in another way than documented (`"1"` for 1), which is taken on purpose.
"""

import copy
import json
import uuid

import jsonschema_rs
import schemathesis
from hypothesis import strategies
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import RejectedPositiveData

# --- Values -------------------------------------------------------------------------------------------------------------

schemathesis.openapi.format("iana-time-zone", strategies.sampled_from(["Asia/Shanghai", "America/New_York", "UTC"]))
schemathesis.openapi.format("holiday-calendar", strategies.just("CN"))
schemathesis.openapi.format("uri", strategies.from_regex(r"\Ahttps://[a-z]{1,20}\.example(/[a-z0-9]{0,20})?\Z"))



def without_sub_user(values):
    """Without a made-up `sub_user_id`: there is no such sub-user, and nothing behind that would be reached. A bad one is left."""
    if isinstance(values, dict):
        try:
            uuid.UUID(values.get("sub_user_id"))
        except (ValueError, TypeError, AttributeError):
            return values
        values = {name: value for name, value in values.items() if name != "sub_user_id"}
    return values


@schemathesis.hook
def map_query(context, query):
    return without_sub_user(query)


@schemathesis.hook
def map_body(context, body):
    return without_sub_user(body)


# --- Rules that no schema can tell --------------------------------------------------------------------------------------

RELATIONS = {
    "begin_equals_end",
    "date_forms_differ",
    "differs",
    "end_before_begin",
    "excludes",
    "itself",
    "not_after",
    "taken",
    "too_many",
    "too_many_days",
    "too_many_windows",
    "unknown",
}


def only_relations(response):
    """Whether nothing but such a rule was broken."""
    body = json.loads(response.content)
    if response.status_code != 422:
        return response.status_code == 412  # `If-Match` named a version that there is not.
    # A key that was used for another request has no faults.
    return {fault["rule"] for fault in body["data"]} <= RELATIONS


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


DOCUMENT = json.load(open("openapi.json", encoding="utf-8"))
RELAXED = {"components": {"schemas": relaxed(copy.deepcopy(DOCUMENT["components"]["schemas"]))}}


def is_lenient(case):
    """Whether the body is good if read as leniently as the program reads."""
    written = DOCUMENT["paths"][case.operation.path][case.operation.method.lower()].get("requestBody")
    if not written or not isinstance(case.body, dict):
        return False
    schema = {**written["content"]["application/json"]["schema"], **RELAXED}
    return jsonschema_rs.is_valid(schema, case.body)


@schemathesis.hook
def filter_failure(context, failure, case, response):
    if isinstance(failure, RejectedPositiveData):
        return not only_relations(response)
    if isinstance(failure, AcceptedNegativeData):
        return not is_lenient(case)
    return True
