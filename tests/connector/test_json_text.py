"""JSON in and out: precise errors for people, and nothing sent that is not JSON."""

import pytest

from connector import InputError
from connector.json_text import encode, parse_object


def problem_of(text: str) -> str:
    with pytest.raises(InputError) as caught:
        parse_object(text, "profile_properties")
    assert caught.value.field == "profile_properties"
    str(caught.value).encode()  # can be printed
    return caught.value.reason


def test_an_object_is_read_as_it_is():
    """Names, numbers and nested values keep their types."""
    assert parse_object(' {"Name": "Ádá", "Score": 5.5, "Tags": ["a"]}\n', "f")["Score"] == 5.5


def test_the_error_tells_line_column_and_shows_the_place():
    """A quote inside a mapped value ends the text early; Zapier does not escape it. (observed)"""
    problem = problem_of('{\n  "Name": "Ada "Countess" Lovelace"\n}')
    assert "line 2, column 17" in problem
    assert '"Name": "Ada ">>>Countess" Lovelace"' in problem
    assert "A mapped value may hold a double quote" in problem


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        pytest.param('{"Name": "Ada\nLovelace"}', "line break", id="line break in a mapped value"),
        pytest.param('{"Path": "C:\\dir"}', "backslash", id="backslash in a mapped value"),
        pytest.param('{"Value": }', "blank", id="a mapped number was blank"),
        pytest.param('{"Name": Ada}', "quotes", id="no quotes round a mapped text"),
        pytest.param('{"Name": "Ada",}', "No comma|no comma", id="a comma too many"),
        pytest.param("{Name: 1}", "double quotes", id="a name without quotes"),
        pytest.param("{“Name”: 1}", "straight double quotes", id="curly quotes"),
        pytest.param('{"Name": "Ada', "closing double quote", id="text without end"),
        pytest.param('{"Name": "Ada"} x', "ends before", id="text behind the object"),
        pytest.param('{"Name" "Ada"}', "should look like", id="no colon"),
    ],
)
def test_each_usual_mistake_gets_its_hint(text, hint):
    """The hint says what would be right."""
    assert any(each in problem_of(text) for each in hint.split("|"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("[1, 2]", "not a list", id="list"),
        pytest.param('"Ada"', "not a text", id="text"),
        pytest.param("null", "not null", id="null"),
        pytest.param("true", "not true or false", id="boolean"),
        pytest.param("5", "not a number", id="number"),
        pytest.param('{"a": NaN}', "NaN is not a JSON number", id="NaN"),
        pytest.param('{"a": -Infinity}', "-Infinity is not a JSON number", id="Infinity"),
        pytest.param('{"a": ' + "1" * 5000 + "}", "not valid JSON", id="a number without end"),
        pytest.param('{"a": ' + "[" * 100_000, "nested too deeply", id="nested without end"),
        pytest.param('{"\ud800": x}', "\\ud800", id="half of a character pair near the mark"),
    ],
)
def test_anything_but_an_object_is_refused(text, said):
    """Properties are an object. (docs.clevertap.com/docs/pipedrive-via-zapier; documented)"""
    assert said in problem_of(text)


def test_only_the_surroundings_are_shown():
    """A message stays readable, however long the text."""
    problem = problem_of('{"a": "' + "x" * 10_000 + '" "' + "y" * 10_000 + '"}')
    assert len(problem) < 300
    assert "…x" in problem
    assert "y…" in problem


def circle() -> dict:
    value: dict = {}
    value["again"] = value
    return value


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param({"d": [{"Score": float("nan")}]}, "d[0].Score is nan", id="NaN"),
        pytest.param({"Score": [1, float("inf")]}, "Score[1] is inf", id="Infinity"),
        pytest.param({"Name": "a\ud800"}, "Name holds half of a character pair", id="lone surrogate in a text"),
        pytest.param({"\udfff": 1}, "the value has the name '\\udfff'", id="lone surrogate in a name"),
        pytest.param({"a": {1: 2}}, "a has the name 1", id="a name that is no text"),
        pytest.param({"a": object()}, "a is a Python object", id="not a JSON type"),
        pytest.param({"a": b"x"}, "a is a Python bytes", id="bytes"),
        pytest.param(circle(), "nested too deeply", id="an object that holds itself"),
    ],
)
def test_what_json_cannot_say_is_refused_by_its_place(value, said):
    """Encoders write NaN as null or as no JSON at all; we send nothing instead."""
    with pytest.raises(InputError) as caught:
        encode(value, "records")
    assert said in str(caught.value)
    str(caught.value).encode()


def test_everything_else_is_written_in_utf8():
    """Characters are not escaped, so that a limit in bytes means what it says."""
    assert encode({"Näme": ["😀", 2**70, None, True, (1,)]}, "records") == (
        '{"Näme":["😀",1180591620717411303424,null,true,[1]]}'.encode()
    )
