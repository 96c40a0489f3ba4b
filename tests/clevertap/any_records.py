"""Records of every kind: good, nearly good and hostile, as random ones and as a list that leaves nothing to chance.

An object is `Members` here, pairs of name and value, because JSON may have a member twice.
"""

import itertools
import json

from hypothesis import strategies as st

from mock_servers.clevertap.settings import DEFAULT, Settings

NOW = 1_700_000_000


class Members(tuple):
    """The members of a JSON object, in their order, perhaps one of them twice."""

    __slots__ = ()


def to_json(value, *, is_ascii=True):
    """The value as JSON text, with every member of `Members`."""
    if isinstance(value, Members):
        pairs = (f"{to_json(name, is_ascii=is_ascii)}:{to_json(each, is_ascii=is_ascii)}" for name, each in value)
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(to_json(each, is_ascii=is_ascii) for each in value) + "]"
    return json.dumps(value, ensure_ascii=is_ascii)


def body_of(sent, *, is_ascii=True):
    """An upload of these records."""
    return f'{{"d":{to_json(sent, is_ascii=is_ascii)}}}'.encode()


SECONDS = [NOW, NOW + 120, NOW + 121, 1, 9_999_999_999]
ODD_TIMES = [0, -1, 10_000_000_000, NOW * 1000, float(NOW), str(NOW), True, None]
GOOD_IDENTITIES = ["u-1", "u-2", "ada@example.com", "+14155550100", "x" * 1023, "Ä"]
ODD_IDENTITIES = [" u-1", "u-1\n", "\u00a0u-1", "", " ", "x" * 1024, 12, 12.0, 2**70, None, True, [], {}]
OBJECT_IDS = ["o-1", "__a", "-a", "~a", "o 1", "o\u2003", "", "x" * 1024, 5, None]
GOOD_EVENT_NAMES = ["Seen", "Won", "x" * 128, "€" * 128]
ODD_EVENT_NAMES = ["Charged", "Stayed", "App Launched", "Se.en", " Seen", "", "x" * 129, "x" * 513, 5, None]
GOOD_NAMES = [*("Plan", "City", "a b", "Name", "x" * 120, "é" * 60, "DOB", "Email", "Age", "Gender", "Married")]
ODD_NAMES = [
    *(
        "",
        " ",
        " Plan",
        "Pl.an",
        "a#b",
        "x" * 121,
        "é" * 61,
        "€" * 41,
        "identity",
        "FBID",
        " identity",
        "Email ",
        "Age!",
    ),
    *(
        "Phone",
        "Employed",
        "Education",
        "Photo",
        "Tz",
        "MSG-email",
        "category-unsubscribe",
        "Items",
        "email",
        "objectId",
    ),
]
SOURCES = ["Zapier", " Zapier", "Zapier\t", "", " ", "x" * 129, 5, None]
VALUES = [
    *("ada@example.com", " ada@example.com", "nope", "+14155550100", "+1 415 5550100", "M", "Y", "N", "College", ""),
    *(True, False, 18, "18", 18.0, 1.5, -1, 999, 1000, 0, -0.0, 2**63, 2**70, 1e300, "$D_0", "$D_x", "$D_0 "),
    *("x" * 128, "x" * 129, "€" * 128, "€" * 171, "x" * 513, "\0", "\u2028"),
]
UNUSUAL = [
    *(("type", "event"), ("type", "profile"), ("type", "token"), ("", None), ("", [[], []]), ("x", 1), ("FBID", "f")),
    *(("", [[["identity", "u-9"]], []]), ("profileData", Members()), ("evtData", Members([("a", 1)])), ("data", 1)),
    *(("source", "Segment"), ("links", None), ("kind", "event"), ("name", "Seen"), ("object_id", "o"), ("GPID", 7)),
]
"""Members that a record may have in addition, or twice."""


def all_nearly_good_records():
    """Profiles and events that differ from a good one in one thing."""
    profile = [("type", "profile"), ("identity", "u-1")]
    event = [("type", "event"), ("identity", "u-1"), ("evtName", "Seen")]
    for start, data in ((profile, "profileData"), (event, "evtData")):
        for more in itertools.chain(
            (("identity", value) for value in GOOD_IDENTITIES + ODD_IDENTITIES),
            (("objectId", value) for value in OBJECT_IDS),
            (("ts", value) for value in SECONDS + ODD_TIMES),
            (("$source", value) for value in SOURCES),
            (("evtName", value) for value in GOOD_EVENT_NAMES + ODD_EVENT_NAMES),
            ((data, value) for value in (None, [], "", Members())),
            ((data, Members([("a", value)])) for value in (None, [], Members(), [1], Members([("$set", 1)]))),
            ((data, Members((str(number), number) for number in range(count))) for count in (100, 101)),
            ((data, Members([pair])) for pair in itertools.product(GOOD_NAMES + ODD_NAMES, VALUES)),
            UNUSUAL,
        ):
            yield Members([*start, more])
            yield Members([more, *start])
    for value in (5, "x", True, None, [], [Members([("a", 1)])]):
        yield Members([*event, ("evtName", "Charged"), ("evtData", Members([("Items", value)]))])


def members(names, values, most=5):
    """Objects of these names and values."""
    return st.lists(st.tuples(names, values), max_size=most).map(Members)


short_values = st.sampled_from(VALUES) | st.text(max_size=8) | st.integers() | st.booleans()
json_values = st.recursive(
    st.none() | short_values | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | members(st.text(max_size=3), inner, most=3),
    max_leaves=8,
)


def shuffled(required, optional, more=None):
    """Objects with these members in any order, and up to one of `more` at the end: another, or one of them twice."""
    objects = st.fixed_dictionaries(required, optional=optional).flatmap(
        lambda each: st.permutations(list(each.items()))
    )
    tails = st.just([]) if more is None else st.lists(more, max_size=1)
    return st.tuples(objects, tails).map(lambda parts: Members(itertools.chain(*parts)))


def both_types(names, data, optional, more=None):
    """Profiles and events with a good identity, and one of these names and this data."""
    both = {"identity": st.sampled_from(GOOD_IDENTITIES)}
    profiles = shuffled({"type": st.just("profile"), **both}, {"profileData": data, **optional}, more)
    source = st.sampled_from(["Zapier", "API"])
    events = shuffled(
        {"type": st.just("event"), **both, "evtName": st.sampled_from(names)},
        {"evtData": data, "$source": source, **optional},
        more,
    )
    return profiles | events


RIGHT = [
    *(("Plan", "Pro"), ("City", 5), ("a b", 1.5), ("Name", "Ada"), ("Email", "ada@example.com"), ("Age", 36)),
    *(("DOB", "$D_0"), ("Gender", "F"), ("Married", "N"), ("MSG-email", False), ("Phone", "+14155550100")),
]
good_records = both_types(
    ["Seen", "Won"],
    st.lists(st.sampled_from(RIGHT), max_size=5).map(Members),
    {"ts": st.just(NOW), "objectId": st.sampled_from(["o-1", "__a", "~w"])},
)
any_names = st.sampled_from(GOOD_NAMES + ODD_NAMES) | st.text(max_size=4)
nearly_good_records = both_types(
    [name for name in GOOD_EVENT_NAMES + ODD_EVENT_NAMES if isinstance(name, str)],
    members(st.sampled_from(GOOD_NAMES), short_values) | members(any_names, short_values),
    {"ts": st.sampled_from(SECONDS + ODD_TIMES), "objectId": st.sampled_from(OBJECT_IDS)},
    st.sampled_from([*UNUSUAL, *(("identity", odd) for odd in ODD_IDENTITIES), *(("$source", odd) for odd in SOURCES)]),
)
token_data = members(
    st.sampled_from(["id", "type", "keys"]), st.sampled_from(["fcm", "apns", "chrome", "", {}, {"auth": "a"}])
)
token_records = shuffled(
    {"type": st.just("token")},
    {
        "objectId": st.sampled_from(OBJECT_IDS),
        "ts": st.sampled_from(SECONDS + ODD_TIMES),
        "tokenData": token_data | json_values,
    },
)
operations = members(
    st.sampled_from(["$set", "$add", "$remove", "$delete", "$incr", "$decr", "$x"]), json_values, most=2
)
hostile_data = members(any_names, json_values | operations) | json_values
identifiers = st.sampled_from(GOOD_IDENTITIES + ODD_IDENTITIES)
hostile_records = json_values | shuffled(
    {"type": st.sampled_from(["profile", "event", "token"]) | json_values},
    {
        **dict.fromkeys(["identity", "objectId", "FBID", "GPID"], identifiers),
        "ts": st.sampled_from(SECONDS + ODD_TIMES) | json_values,
        "profileData": hostile_data,
        "evtName": st.sampled_from(GOOD_EVENT_NAMES + ODD_EVENT_NAMES) | json_values,
        "evtData": hostile_data,
        "tokenData": json_values,
    },
    st.tuples(any_names, json_values),
)
any_record = good_records | nearly_good_records | token_records | hostile_records
uploads = (
    st.lists(good_records, max_size=20)
    | st.tuples(st.lists(good_records, max_size=9), nearly_good_records, st.lists(good_records, max_size=9)).map(
        lambda parts: [*parts[0], parts[1], *parts[2]]
    )
    | st.lists(nearly_good_records, max_size=6)
    | st.lists(any_record, max_size=6)
)
any_settings = st.sampled_from([DEFAULT, Settings(lenient=True), Settings(nested_objects=True)]) | st.builds(
    Settings,
    lenient=st.booleans(),
    nested_objects=st.booleans(),
    event_properties=st.sampled_from([1, 3, 100]),
    discarded_events=st.sampled_from([(), ("Seen",), ("Won", "Charged")]),
)
