"""Whatever the secret, its spelling and its place: nothing of it is left, and JSON stays JSON of the same shape."""

import base64
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote, unquote_plus, urlsplit

from hypothesis import given, settings
from hypothesis import strategies as st

from mock_servers.harness.cassettes.scrubbing import Scrubber
from tests.harness.echo import UPLOAD, answers, record

SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "percent": lambda secret: quote(secret, safe=""),
    "percent twice": lambda secret: quote(quote(secret, safe=""), safe=""),
    "form": quote_plus,
    "JSON": lambda secret: json.dumps(secret)[1:-1],
    "JSON in JSON": lambda secret: json.dumps(json.dumps(secret))[3:-3],
    "JSON, all escaped": lambda secret: "".join(f"\\u{ord(each):04X}" for each in secret),
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "base64, one before": lambda secret: base64.b64encode(b"a" + secret.encode()).decode(),
    "base64, two before": lambda secret: base64.b64encode(b"ab" + secret.encode() + b":x").decode(),
    "base64 for addresses": lambda secret: base64.urlsafe_b64encode(b"id:" + secret.encode()).decode().rstrip("="),
    "base64 in percent": lambda secret: quote(base64.b64encode(secret.encode()).decode(), safe=""),
}
"""How a secret may come along."""

PLACES: dict[str, Callable[[str], dict[str, Any]]] = {
    "the address": lambda shown: {"url": f"{UPLOAD}/{quote(shown, safe='%+')}"},
    "a parameter": lambda shown: {"url": f"{UPLOAD}?q=1&x={quote(shown, safe='%+')}"},
    "a header": lambda shown: {"headers": {"X-Note": f"it is {quote(shown, safe='%+ /=')}"}},
    "a cookie": lambda shown: {"headers": {"Cookie": f"a=1; b={quote(shown, safe='%+/=')}"}},
    "JSON": lambda shown: {"data": json.dumps({"a": [{"b": shown}]})},
    "text": lambda shown: {"data": f"it is {shown}.".encode()},
    "bytes": lambda shown: {"data": b"\xff\xfe" + shown.encode() + b"\x00"},
    "a form": lambda shown: {"data": {"a": "1", "b": shown}},
}
SECRETS = st.text(st.sampled_from("abcXYZ019-_+/=%&\"'\\ .éß€"), min_size=8, max_size=24).filter(
    lambda secret: len(set(secret)) > 3 and secret == secret.strip()
)


def laid_bare(text: str) -> set[str]:
    """The text, and what it may be decoded to: our own search, which knows nothing of the scrubber's."""
    found, new = set(), {text}
    for _ in range(4):
        new = {decoded for each in new for decoded in decodings(each)} - found
        found |= new
    return found


def decodings(text: str) -> set[str]:
    escapes = {'"': '"', "\\": "\\", "/": "/", "n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
    unescaped = re.sub(
        r"\\(?:u([0-9A-Fa-f]{4})|([\"\\/nrtbf]))",
        lambda each: chr(int(each[1], 16)) if each[1] else escapes[each[2]],
        text,
    )
    words = [each for each in re.findall(r"[A-Za-z0-9+/_\-]{8,}", text) if len(each) < 400]
    bare = {
        base64.b64decode(f"{word[at:]}====".translate({45: 43, 95: 47})[: -(-len(word[at:]) // 4) * 4]).decode(
            "utf-8", "replace"
        )
        for word in words
        for at in range(4)
        if len(word[at:]) % 4 != 1
    }
    return {text, unescaped, unquote(text), unquote_plus(text), *bare}


@settings(deadline=None, max_examples=400)
@given(secret=SECRETS, spelling=st.sampled_from(sorted(SPELLINGS)), place=st.sampled_from(sorted(PLACES)),
       is_answered=st.booleans())  # fmt: skip
def test_nothing_of_a_secret_is_left(secret, spelling, place, is_answered, tmp_path_factory):
    """In whatever spelling it stands in a request or an answer; the file is searched in another way than ours."""
    shown = SPELLINGS[spelling](secret)
    path = tmp_path_factory.getbasetemp() / "nothing-left.yaml"
    path.unlink(missing_ok=True)
    said = f'{{"said": {json.dumps(shown)}, "plain": "{quote(shown)}"}}' if is_answered else ""

    sent = {"url": UPLOAD, **PLACES[place](shown)}
    record(path, lambda session: session.post(**sent), answers(200, said.encode()), secrets=[secret])

    text = path.read_text(encoding="utf-8")
    assert Scrubber([secret]).find_leak({"file": text}) is None
    assert not [each for each in laid_bare(text) if secret in each]


SECRET = "s3cret-4711"
DIGITS = "47110815"
_TEXTS = st.text(max_size=8) | st.sampled_from(
    [SECRET, DIGITS, f"C:\\{SECRET}", f'"{SECRET}"', f"\n{SECRET}", "ada@analytical.io", "call +49 30 901820",
     '{"token": "t"}', f'{{"a": "{SECRET}", "n": [1]}}', f"https://joe:pa55word@example.com/?token=abc&m=ada%40analytical.io&n={SECRET}"]
)  # fmt: skip
_NUMBERS = (
    st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.just(int(DIGITS)) | st.just(49309018200)
)
_NAMES = st.text(max_size=6) | st.sampled_from(["token", "password", "account_id", "phone", "Phone", "email", "mobile"])
_JSON = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=4),
    max_leaves=12,
).filter(lambda value: isinstance(value, list | dict))


def is_alike(value: Any, scrubbed: Any) -> bool:
    """The same lists, objects and names; a text is a text. Only what is secret may be a text instead of a number."""
    match value:
        case dict():
            return value.keys() == scrubbed.keys() and all(is_alike(value[name], scrubbed[name]) for name in value)
        case list():
            return len(value) == len(scrubbed) and all(map(is_alike, value, scrubbed))
        case str():
            return isinstance(scrubbed, str)
    return value == scrubbed or type(value) is type(scrubbed) or ":censored-" in scrubbed


@settings(deadline=None, max_examples=300)
@given(value=_JSON, indent=st.none() | st.just(2), is_ascii=st.booleans())
def test_json_stays_json_of_the_same_shape(value, indent, is_ascii):
    """However it is written, and whatever stands in it; a client must still be able to read it."""
    text = json.dumps(value, indent=indent, ensure_ascii=is_ascii)
    scrubber = Scrubber([SECRET, DIGITS])

    once = scrubber.scrub_text(text)

    assert is_alike(value, json.loads(once))
    assert scrubber.scrub_text(once) == once


@settings(deadline=None, max_examples=300)
@given(
    path=st.text(st.sampled_from("ab/%2F-_.~@+"), max_size=12),
    query=st.lists(st.tuples(st.sampled_from(["token", "q", "phone", "email", "account-id"]), _TEXTS), max_size=4),
    is_form=st.booleans(),
)
def test_an_address_stays_one_and_scrubbing_it_again_changes_nothing(path, query, is_form):
    """The host and the names of the parameters stay."""
    pairs = "&".join(f"{quote(name)}={(quote_plus if is_form else quote)(text, safe='')}" for name, text in query)
    url = f"https://joe:pa55word@eu1.example.com:8443/{path}?{pairs}"
    scrubber = Scrubber([SECRET, DIGITS])

    once = scrubber.scrub_url(url)

    assert once.startswith("https://eu1.example.com:8443/")
    names = [name for name, _ in parse_qsl(urlsplit(once).query, keep_blank_values=True)]
    assert names == [name for name, _ in query]
    assert scrubber.scrub_url(once) == once
