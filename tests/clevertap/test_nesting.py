"""Objects and lists within properties: how deep, how many, how large?"""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_servers.clevertap import nesting


def fitted(properties, *, is_profile=True):
    remarks = []
    kept = nesting.within_limits(properties, remarks, is_profile=is_profile)
    return kept, [remark.kind for remark in remarks]


def nested(levels, innermost=1):
    value = innermost
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param({}, True, id="an object"),
        pytest.param([{}], True, id="a list of objects"),
        pytest.param([1, []], True, id="a list with a list"),
        pytest.param([1, "a"], False, id="a list of scalars"),
        pytest.param([], False, id="an empty list"),
        pytest.param("{}", False, id="a text"),
        pytest.param(None, False, id="null"),
    ],
)
def test_what_is_nested(value, expected):
    """An object, or a list that holds one; a list of scalars is multi-value. (docs/nested-objects; documented)"""
    assert nesting.is_nested(value) is expected


@pytest.mark.parametrize(
    ("value", "kept", "kinds"),
    [
        pytest.param(nested(1), nested(1), [], id="one level"),
        pytest.param(nested(3), nested(3), [], id="three levels"),
        pytest.param(nested(4), nested(3, '{"a":1}'), ["nested too deep"], id="four levels"),
        pytest.param(nested(6), nested(3, '{"a":{"a":{"a":1}}}'), ["nested too deep"], id="six levels"),
        pytest.param([[[1]]], [[[1]]], [], id="three levels of lists"),
        pytest.param([[[[1]]]], [[["[1]"]]], ["nested too deep"], id="four levels of lists"),
        pytest.param(
            nested(3, {"b": "x" * 600}),
            nested(3, '{"b":"' + "x" * 506),
            ["nested too deep", "value cut"],
            id="what became text is cut as every text",
        ),
    ],
)
def test_three_levels_are_kept_and_the_rest_becomes_text(value, kept, kinds):
    """Up to 3 levels. (docs/nested-objects; documented. That deeper ones become JSON text: assumed)"""
    assert fitted({"p": value}) == ({"p": kept}, kinds)


def test_five_properties_may_be_nested():
    """5 object or array keys at the root, the first five. (docs/nested-objects; documented. Which ones: assumed)"""
    properties = {"n": 1, **{str(number): {"a": number} for number in range(7)}, "m": ["x"]}
    kept, kinds = fitted(properties)
    assert list(kept) == ["n", "0", "1", "2", "3", "4", "m"]
    assert kinds == ["property dropped"] * 2


def test_what_is_empty_does_not_count_as_one_of_the_five():
    """It is dropped before. (Assumed)"""
    properties = {"e": {}, **{str(number): {"a": number} for number in range(5)}}
    assert fitted(properties) == ({str(number): {"a": number} for number in range(5)}, [])


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        pytest.param({}, {}, id="an empty object"),
        pytest.param({"a": None}, {}, id="an object of null"),
        pytest.param({"a": {"b": []}}, {}, id="nothing but what is empty"),
        pytest.param({"a": {}, "b": 1, "c": None}, {"p": {"b": 1}}, id="beside what is not"),
        pytest.param([{}, {"a": 1}, None], {"p": [{"a": 1}]}, id="within a list"),
        pytest.param({"a": "", "b": 0, "c": False}, {"p": {"a": "", "b": 0, "c": False}}, id="nothing is no null"),
    ],
)
def test_null_and_what_is_empty_is_dropped(value, kept):
    """Null or empty objects are dropped. (docs/nested-objects; documented)"""
    assert fitted({"p": value}) == (kept, [])


@pytest.mark.parametrize("is_profile", [True, False])
def test_names_and_texts_within_obey_the_same_limits(is_profile):
    """120, 512 bytes, and no prohibited characters, at every level. (Assumed)"""
    value = {"a.b": {"x" * 121: "y" * 513}, ".": 1}
    kept, kinds = fitted({"p": value}, is_profile=is_profile)
    assert kept == {"p": {"ab": {"x" * 120: "y" * 512}}}
    assert kinds == ["characters removed", "name cut", "value cut", "characters removed"]


def test_a_remark_names_the_place():
    """A person reads which value it was, with dots as on the profile page. (docs/nested-objects; documented there)"""
    remarks = []
    nesting.within_limits({"p": {"a": {"b": "y" * 513}}}, remarks, is_profile=True)
    assert remarks[0].text.startswith("p.a.b: ")


def filling(size):
    """An object whose JSON has this many bytes, in texts that are not cut."""
    count, rest = divmod(size - len('{"r":[{"t":""}]}'), len('{"t":""},') + 500)
    return {"r": [*[{"t": "x" * 500}] * count, {"t": "x" * rest}]}


def test_everything_together_has_at_most_128_kilobytes():
    """128 KB per profile or event; the last nested ones go. (docs/nested-objects; documented. Which go: assumed)"""
    fits = {"p": filling(nesting.LARGEST - len('{"p":}'))}
    assert len(json.dumps(fits, separators=(",", ":"))) == nesting.LARGEST
    assert fitted(fits) == (fits, [])
    assert fitted({**fits, "n": 1}) == ({"n": 1}, ["property dropped"])
    assert fitted({"a": {"b": 1}, **fits}) == ({"a": {"b": 1}}, ["property dropped"])
    assert fitted({**fits, "z": {"b": 1}}) == (fits, ["property dropped"])


def test_an_operation_of_a_profile_is_nothing_nested():
    """It says what to do with a property. An event knows no operations. (Assumed)

    In events such an object was once kept as deep and as large as it came.
    """
    operation = {"$add": ["x"]}
    assert fitted({"p": operation}) == ({"p": operation}, [])
    assert fitted({"p": operation}, is_profile=False) == ({"p": {"add": ["x"]}}, ["characters removed"])


def test_a_list_of_scalars_is_nested_in_an_event_alone():
    """A profile has multi-value properties, an event has none. (docs/nested-objects counts arrays; documented)

    In events such a list was once kept with all its nulls and texts of every length.
    """
    assert fitted({"p": ["x" * 513, None]}, is_profile=False) == ({"p": ["x" * 512]}, ["value cut"])
    assert fitted({"p": []}, is_profile=False) == ({}, [])
    lists = {str(number): [number] for number in range(6)}
    assert fitted(lists, is_profile=False)[1] == ["property dropped"]
    assert fitted(lists, is_profile=True) == (lists, [])


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def depth(value):
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if children is None else 1 + max(map(depth, children), default=0)


@given(st.dictionaries(st.text(min_size=1), _json.filter(lambda value: value is not None), max_size=8))
def test_whatever_an_event_nests_fits_afterwards(properties):
    """At most five nested properties of three levels, nothing empty within; and scalars stay as they are."""
    kept, _ = fitted(properties, is_profile=False)
    inside = [value for value in kept.values() if isinstance(value, dict | list)]
    assert len(inside) <= 5
    assert all(depth(value) <= 3 and value for value in inside)
    assert all(kept[name] == value for name, value in properties.items() if not isinstance(value, dict | list))
