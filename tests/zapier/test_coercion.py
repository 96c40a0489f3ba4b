"""Defaults, required fields, and no blanks."""

import pytest

from connector.definition import InputField
from mock_servers.zapier.coercion import clean, coerce

NAME = InputField("name", "Name", required=True)
NOTE = InputField("note", "Note")
PLAN = InputField("plan", "Plan", default="free")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param({"name": "Ada"}, {"name": "Ada", "plan": "free"}, id="a default is used where nothing is given"),
        pytest.param({"name": "Ada", "plan": ""}, {"name": "Ada", "plan": "free"}, id="a blank counts as nothing"),
        pytest.param({"name": "Ada", "note": None}, {"name": "Ada", "plan": "free"}, id="null is left out"),
        pytest.param({"name": "Ada", "note": " \n"}, {"name": "Ada", "plan": "free"}, id="only blanks are left out"),
        pytest.param({"name": 7}, {"name": 7, "plan": "free"}, id="a number stays a number"),
        pytest.param({"name": False}, {"name": False, "plan": "free"}, id="false is a value"),
        pytest.param({"name": [1, "b"]}, {"name": "1,b", "plan": "free"}, id="a list is joined with commas"),
        pytest.param(
            {"name": "Ada", "extra": "x"}, {"name": "Ada", "extra": "x", "plan": "free"}, id="unknown keys pass"
        ),
    ],
)
def test_values_are_made_ready(values, expected):
    """Defaults fill what is blank, blanks go, texts stay as they are. (Zapier 2.11, 4.4; documented)"""
    assert coerce(values, [NAME, NOTE, PLAN]) == (expected, [])


def test_a_required_field_that_is_blank_is_named():
    """Required and blank after mapping: the step is not called, and the field is named. (Zapier 3.6; assumed)"""
    values, [problem] = coerce({"name": "", "note": "x"}, [NAME, NOTE])
    assert values == {"note": "x"}
    assert problem.path == "name"
    assert "Name is required" in problem.message


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param({"a": "", "b": [], "c": {}, "d": None}, None, id="nothing is left"),
        pytest.param({"a": {"b": [None, "", "x"]}}, {"a": {"b": ["x"]}}, id="at any depth"),
        pytest.param([0, False], [0, False], id="zero and false stay"),
    ],
)
def test_cleaning_leaves_no_blank(value, expected):
    """Empty texts, nulls, lists and objects go, recursively. (Zapier 2.11; documented)"""
    cleaned = clean(value)
    assert cleaned == expected
    assert clean(cleaned) == cleaned
