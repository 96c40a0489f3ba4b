"""What do operations do to a property?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_servers.clevertap import operators


def applied(operator, current, operand):
    """The property after the operation, None if it is not there; and the kinds of the remarks."""
    remarks = []
    properties = {} if current is None else {"p": current}
    operators.operate(properties, "p", operators.clean("p", {operator: operand}, remarks), remarks)
    return properties.get("p"), [remark.kind for remark in remarks]


SKIPPED = ["operation skipped"]


@pytest.mark.parametrize(
    ("operator", "current", "operand", "expected", "kinds"),
    [
        pytest.param("$set", None, "a", "a", [], id="set nothing"),
        pytest.param("$set", ["a"], 5, 5, [], id="set a scalar in place of a list"),
        pytest.param("$set", "a", ["b", "b", 1], ["b", "1"], [], id="set a list, whose values become unique texts"),
        pytest.param("$set", "a", [], None, [], id="set an empty list and the property goes"),
        pytest.param("$set", "a", None, "a", [], id="set null, which says nothing"),
        pytest.param(
            "$set", "a", {"b": 1}, '{"b":1}', ["nested object"], id="set an object, which becomes its JSON text"
        ),
        pytest.param("$add", None, ["a"], ["a"], [], id="add to nothing"),
        pytest.param("$add", None, "a", ["a"], [], id="add one value to nothing"),
        pytest.param("$add", 5, ["a"], ["5", "a"], [], id="add to a scalar, which comes first as text"),
        pytest.param("$add", True, 1, ["true", "1"], [], id="add a number to a boolean"),
        pytest.param("$add", ["a"], ["b", "a"], ["a", "b"], [], id="add what is there"),
        pytest.param("$add", None, [], None, [], id="add nothing to nothing"),
        pytest.param("$add", "a", [], ["a"], [], id="add nothing to a scalar"),
        pytest.param("$add", "a", None, "a", [], id="add null"),
        pytest.param("$add", "a", [None, {"b": []}], ["a", '{"b":[]}'], ["nested object"], id="add null and an object"),
        pytest.param("$add", {"b": 1}, "a", ['{"b":1}', "a"], [], id="add to an object, which becomes its JSON text"),
        pytest.param("$remove", ["a", "b"], "a", ["b"], [], id="remove one"),
        pytest.param("$remove", ["a"], ["a"], None, [], id="remove the last value and the property goes"),
        pytest.param("$remove", "a", "b", ["a"], [], id="remove from a scalar promotes it"),
        pytest.param("$remove", 5, 5, None, [], id="remove a number, which is compared as text"),
        pytest.param("$remove", None, "b", None, [], id="remove from nothing"),
        pytest.param("$delete", "a", 1, None, [], id="delete with 1"),
        pytest.param("$delete", "a", True, None, [], id="delete with true"),
        pytest.param("$delete", None, 1, None, [], id="delete nothing"),
        pytest.param("$delete", "a", 0, "a", SKIPPED, id="delete with 0"),
        pytest.param("$delete", "a", "1", "a", SKIPPED, id="delete with a text"),
        pytest.param("$delete", "a", [], "a", SKIPPED, id="delete with nonsense"),
        pytest.param("$incr", None, 2, 2, [], id="increase nothing"),
        pytest.param("$incr", 1.5, 2, 3.5, [], id="increase a number"),
        pytest.param("$decr", 5, 2, 3, [], id="decrease a number"),
        pytest.param("$decr", None, 2, -2, [], id="decrease nothing"),
        pytest.param("$incr", "five", 2, "five", SKIPPED, id="increase a text"),
        pytest.param("$incr", "5", 2, "5", SKIPPED, id="increase digits"),
        pytest.param("$incr", ["5"], 2, ["5"], SKIPPED, id="increase a list"),
        pytest.param("$incr", True, 2, True, SKIPPED, id="increase a boolean"),
        pytest.param("$incr", 1, -2, 1, SKIPPED, id="increase by less than nothing"),
        pytest.param("$incr", 1, 0, 1, SKIPPED, id="increase by nothing"),
        pytest.param("$incr", 1, "2", 1, SKIPPED, id="increase by a text"),
        pytest.param("$incr", 1, True, 1, SKIPPED, id="increase by a boolean"),
        pytest.param("$incr", 1, None, 1, SKIPPED, id="increase by null"),
        pytest.param("$incr", 1e308, 1e308, 1e308, SKIPPED, id="increase beyond every number"),
        pytest.param("$incr", 2**63 - 1, 1, 2**63 - 1, SKIPPED, id="increase beyond 63 bits"),
        pytest.param("$incr", 10**400, 1.5, 10**400, SKIPPED, id="increase what no float can hold"),
        pytest.param("$incr", 10**400, 1, 10**400, SKIPPED, id="increase it by a whole number"),
        pytest.param("$more", 1, 2, 1, SKIPPED, id="an operation nobody knows"),
        pytest.param("$", 1, 2, 1, SKIPPED, id="an operation without a name"),
    ],
)
def test_operations(operator, current, operand, expected, kinds):
    """Lists grow and shrink, scalars are promoted, empty lists vanish. (docs/platform-considerations; documented.
    `$incr`, `$decr` and nonsense: assumed)

    A whole number that no float can hold once broke `$incr`.
    """
    changed, found = applied(operator, current, operand)
    assert (changed, type(changed), found) == (expected, type(expected), kinds)


def test_the_operations_of_one_object_are_done_in_their_order():
    """What makes sense is done, what does not is left out. (Assumed)"""
    remarks = []
    properties = {"p": 1}
    operation = operators.clean("p", {"$more": 1, "$set": 5, "$incr": 2, "$decr": "x", "$add": "a"}, remarks)
    operators.operate(properties, "p", operation, remarks)
    assert properties == {"p": ["7", "a"]}
    assert [remark.text.partition(" is ")[0].partition(" needs ")[0] for remark in remarks] == ["p: $more", "p: $decr"]


def test_adding_drops_the_oldest_values():
    """A multi-value property has at most 100 values. (docs/upload-user-profiles-api; documented)"""
    changed, kinds = applied("$add", [str(n) for n in range(100)], "new")
    assert changed == [*map(str, range(1, 100)), "new"]
    assert kinds == ["values dropped"]


def test_values_of_a_list_are_cut():
    """Each value has at most 512 bytes. (docs/upload-user-profiles-api; documented. Cutting: assumed)"""
    assert applied("$add", "a", ["x" * 513]) == (["a", "x" * 512], ["value cut"])
    assert applied("$set", "a", "ä" * 257) == ("ä" * 256, ["value cut"])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param({"$set": 1}, True, id="one operation"),
        pytest.param({"$set": 1, "$more": 2}, True, id="several, known or not"),
        pytest.param({"$set": 1, "a": 2}, False, id="an operation beside a member"),
        pytest.param({}, False, id="an empty object"),
        pytest.param(["$set"], False, id="a list"),
        pytest.param("$set", False, id="a text"),
        pytest.param(None, False, id="null"),
    ],
)
def test_what_is_an_operation(value, expected):
    """An object whose members all begin with `$`. (docs/imports-via-sftp for the names; documented. Mixed: assumed)"""
    assert operators.is_operation(value) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("a", "a", id="a text"),
        pytest.param({"$set": "a"}, "a", id="a text that is set"),
        pytest.param({"$set": None}, None, id="null that is set"),
        pytest.param({"$add": "a"}, None, id="another operation"),
        pytest.param({"a": 1}, {"a": 1}, id="an object"),
        pytest.param(None, None, id="null"),
    ],
)
def test_what_a_checked_property_must_be_right_about(value, expected):
    """An operation is validated by its inner `$set` value. (facts, section 9; assumed)"""
    assert operators.value_to_check(value) == expected


@given(st.lists(st.text()), st.lists(st.text(), min_size=1))
def test_what_was_added_can_be_removed(current, added):
    """`$remove` undoes what `$add` brought, as long as nothing fell out."""
    start = operators.multi_value(current, "p", [])
    fresh = [value for value in added if value not in start]
    grown, _ = applied("$add", start, fresh)
    assert (applied("$remove", grown, fresh)[0] or []) == start


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**400)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from([*sorted(operators.KNOWN), "$more"]), _json.filter(lambda value: value != []), _json)
def test_no_operand_breaks_an_operation(operator, current, operand):
    """Nonsense does nothing and leaves a remark; the record still counts. (Assumed)"""
    changed, kinds = applied(operator, current, operand)
    assert changed != []
    assert kinds.count("operation skipped") <= 1
    if "operation skipped" in kinds:
        assert changed == current
