"""YAML from outside is nothing but data."""

import pytest

from mock_servers.rig.yaml_text import UnreadableYamlError, read_yaml


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a: 1\nb: [x, true, null, 2.5]", {"a": 1, "b": ["x", True, None, 2.5]}, id="YAML"),
        pytest.param('{"a": {"b": "c"}}', {"a": {"b": "c"}}, id="JSON is YAML"),
        pytest.param("a: 1.5e+3", {"a": 1500.0}, id="a number with an exponent"),
        pytest.param("<<: x", {"<<": "x"}, id="a key that YAML would merge"),
        pytest.param("when: 2024-01-15", {"when": "2024-01-15"}, id="a date stays text"),
        pytest.param(b"a: \xc3\xa9", {"a": "é"}, id="bytes in UTF-8"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_plain_values_come_out(text, expected):
    """What JSON could say is read; nothing else is made of it."""
    assert read_yaml(text) == expected


@pytest.mark.parametrize(
    ("text", "part"),
    [
        pytest.param("a: !!python/object/apply:os.system [ls]", "tags are not allowed", id="a tag"),
        pytest.param("a: !!binary aGVsbG8=", "tags are not allowed", id="bytes"),
        pytest.param("a: !!timestamp 2020-01-01", "tags are not allowed", id="a date by its tag"),
        pytest.param("a: .nan", "no number in JSON.*line 1", id="not a number"),
        pytest.param("a: -.inf", "no number in JSON", id="an infinite number"),
        pytest.param("a: &x [1]\nb: *x", "aliases are not allowed.*line 2", id="an alias"),
        pytest.param("a: 1\na: 2", "'a' twice.*line 2", id="a key twice"),
        pytest.param("a: [1", "line", id="cut off"),
        pytest.param("{" * 200, "nested too deeply|line", id="deep nesting"),
        pytest.param("[" * 5000 + "]" * 5000, "nest", id="very deep nesting"),
        pytest.param("x" * 2_000_000, "larger than", id="too large"),
        pytest.param("? [a]\n: 1", "plain text", id="a list as key"),
        pytest.param(b"\xff\xfe\x00", "unacceptable character", id="half a UTF-16 character"),
        pytest.param("a: 1\n--- \nb: 2", "another document", id="two documents"),
    ],
)
def test_all_else_is_one_clear_error(text, part):
    """The error says what, and where as far as known."""
    with pytest.raises(UnreadableYamlError, match=part):
        read_yaml(text)
