"""From a form with tokens to values."""

import pytest

from mock_servers.zapier import mapping

DEAL = {
    "id": 7,
    "title": 'Say "hi"',
    "value": 1200.5,
    "is_open": True,
    "lost_reason": None,
    "person": {"email": "ada@example.com", "phones": [{"value": "+1"}, {"value": "+2"}]},
    "label_ids": [3, 4],
    "custom__key": "kept",
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        pytest.param("plain", "plain", id="no token"),
        pytest.param("{{1__title}}", 'Say "hi"', id="a token alone"),
        pytest.param("{{1__value}}", 1200.5, id="a number alone stays a number"),
        pytest.param("{{1__is_open}}", True, id="a boolean alone stays a boolean"),
        pytest.param("  {{ 1__id }} ", 7, id="blanks around a token"),
        pytest.param("{{1__person}}", DEAL["person"], id="an object alone stays an object"),
        pytest.param("Deal {{1__id}}: {{1__value}}", "Deal 7: 1200.5", id="numbers in a text as JSON writes them"),
        pytest.param("{{1__is_open}}!", "true!", id="booleans in a text"),
        pytest.param("<{{1__lost_reason}}>", "<>", id="null in a text is nothing"),
        pytest.param("{{1__lost_reason}}", None, id="null alone"),
        pytest.param("{{1__nothing}}", None, id="a field that is not there"),
        pytest.param("{{9__title}}", None, id="a step that is not there"),
        pytest.param("{{1__person__email}}", "ada@example.com", id="nested"),
        pytest.param("{{1__person__phones__1__value}}", "+2", id="a list by index"),
        pytest.param("{{1__person__phones__9__value}}", None, id="beyond the list"),
        pytest.param("{{1__person__phones__value}}", ["+1", "+2"], id="one field of all elements"),
        pytest.param("{{1__label_ids}}.", "3,4.", id="a list in a text is joined with commas"),
        pytest.param("{{1__custom__key}}", "kept", id="a key that holds double underscores itself"),
        pytest.param("{{1__person}}.", '{"email":"ada@example.com","phones":[{"value":"+1"},{"value":"+2"}]}.',
                     id="an object in a text is JSON"),
        pytest.param({"a": ["{{1__id}}"]}, {"a": [7]}, id="inside objects and lists"),
        pytest.param(5, 5, id="no text at all"),
    ],
)  # fmt: skip
def test_tokens_become_values(template, expected):
    """A token alone keeps its value's type; in a longer text values are put in as text. (Zapier 4.3; assumed)"""
    assert mapping.fill(template, {1: DEAL}) == expected


def test_values_are_not_scanned_again():
    """Filling is one pass: a token inside a value stays text. (Zapier 4.3; assumed)"""
    assert mapping.fill("{{1__a}}", {1: {"a": "{{1__b}}", "b": "secret"}}) == "{{1__b}}"
    assert mapping.fill("x{{1__a}}", {1: {"a": "{{1__b}}", "b": "secret"}}) == "x{{1__b}}"


def test_raw_text_is_not_escaped_in_json():
    """A quote in a value breaks the JSON around it, as in life. (Zapier 4.3; assumed)"""
    assert mapping.fill('{"t": "{{1__title}}"}', {1: DEAL}) == '{"t": "Say "hi""}'


@pytest.mark.parametrize(
    ("template", "parts"),
    [
        pytest.param("{{1__title}}", [], id="an earlier step"),
        pytest.param("{{2__id}}", ["step 2", "does not come before"], id="the step itself"),
        pytest.param("{{title}}", ["{{title}} is no token", "{{1__field}}"], id="no step number"),
        pytest.param({"a": ["{{ x }}"]}, ["no token"], id="deep inside"),
        pytest.param("{{1__title", ["does not end"], id="a token that is not closed"),
        pytest.param("{{1__person__{x}}}", ["does not end"], id="curlies within a token"),
        pytest.param("{{\u0661__id}}", ["no token"], id="a digit of another script"),
        pytest.param('{"a": {"b": 1}}', [], id="JSON with curlies of its own"),
        pytest.param("{ {1__a} }", [], id="no curlies at all"),
        pytest.param(3, [], id="no text"),
    ],
)
def test_bad_tokens_are_named(template, parts):
    """A token must be well formed and come from an earlier step. (Zapier 4.3; documented)"""
    messages = mapping.find_problems(template, range(1, 2))
    assert bool(messages) == bool(parts)
    assert all(part in messages[0] for part in parts)


def test_a_thousand_tokens_and_a_megabyte():
    """A long template is filled in one pass."""
    filled = mapping.fill("{{1__a}}" * 1000, {1: {"a": "x" * 1000}})
    assert filled == "x" * 1_000_000
