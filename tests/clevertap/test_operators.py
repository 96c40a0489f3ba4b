"""What do operations do to a property?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_servers.clevertap import operators


@pytest.mark.parametrize(
    ("operator", "current", "operand", "expected"),
    [
        pytest.param("$add", None, ["a"], ["a"], id="add to nothing"),
        pytest.param("$add", None, "a", ["a"], id="add one value to nothing"),
        pytest.param("$add", 5, ["a"], ["5", "a"], id="add to a scalar, which comes first as text"),
        pytest.param("$add", ["a"], ["b", "a"], ["a", "b"], id="add what is there"),
        pytest.param("$add", None, [], None, id="add nothing to nothing"),
        pytest.param("$remove", ["a", "b"], "a", ["b"], id="remove one"),
        pytest.param("$remove", ["a"], ["a"], None, id="remove the last value and the property goes"),
        pytest.param("$remove", "a", "b", ["a"], id="remove from a scalar promotes it"),
        pytest.param("$remove", None, "b", None, id="remove from nothing"),
        pytest.param("$delete", "a", 1, None, id="delete with 1"),
        pytest.param("$delete", "a", True, None, id="delete with true"),
        pytest.param("$delete", "a", 0, "a", id="delete with 0"),
        pytest.param("$delete", "a", [], "a", id="delete with nonsense"),
        pytest.param("$incr", None, 2, 2, id="increase nothing"),
        pytest.param("$incr", 1.5, 2, 3.5, id="increase a number"),
        pytest.param("$decr", 5, 2, 3, id="decrease a number"),
        pytest.param("$incr", "five", 2, "five", id="increase a text"),
        pytest.param("$incr", True, 2, True, id="increase a boolean"),
        pytest.param("$incr", 1, -2, 1, id="increase by less than nothing"),
        pytest.param("$incr", 1, "2", 1, id="increase by a text"),
        pytest.param("$incr", 1e308, 1e308, 1e308, id="increase beyond every number"),
        pytest.param("$incr", 10**400, 1.5, 10**400, id="increase what no float can hold"),
        pytest.param("$more", 1, 2, 1, id="an operation nobody knows"),
    ],
)
def test_operations(operator, current, operand, expected):
    """Lists grow and shrink, scalars are promoted, empty lists vanish. (docs/platform-considerations; documented.
    `$incr`, `$decr` and nonsense: assumed)
    """
    assert operators.apply(operator, current, operand) == expected


def test_adding_drops_the_oldest_values():
    """A multi-value property has at most 100 values. (docs/upload-user-profiles-api; documented)"""
    assert operators.apply("$add", [str(n) for n in range(100)], "new") == [*map(str, range(1, 100)), "new"]


@given(st.lists(st.text()), st.lists(st.text(), min_size=1))
def test_what_was_added_can_be_removed(current, added):
    """`$remove` undoes what `$add` brought, as long as nothing fell out."""
    start = operators.multi_value(current)
    fresh = [value for value in added if value not in start]
    grown = operators.apply("$add", start, fresh)
    assert (operators.apply("$remove", grown, fresh) or []) == start
