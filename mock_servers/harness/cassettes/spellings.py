"""How a value may be spelled in traffic: as it is, percent-encoded, in JSON's escapes, in base64, or mixed.

A secret that comes back percent-encoded in a redirect, or in base64 in a cookie, is the same secret. Every character
may be spelled in its own way, so a text that was encoded in part is found too.
"""

import base64
import functools
import itertools
import re
from dataclasses import dataclass

_BACKSLASH = r"(?:\\|%(?:25)*5[Cc])"
_SHORT_ESCAPES = {
    '"': '(?:"|%(?:25)*22)', "/": "(?:/|%(?:25)*2[Ff])", "\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t"
}  # fmt: skip
_ESCAPE = rf"{_BACKSLASH}{{1,63}}+"
"""The more backslashes, the deeper JSON text lies within JSON text, which may stand in an address as well. They are
never given back, and how many they may be has an end: otherwise a text of nothing but backslashes takes the square of
its length."""

_PLUS, _SLASH = r"(?:\+|-|%(?:25)*2[Bb])", r"(?:/|_|\\{1,63}+/|%(?:25)*2[Ff])"
_BASE64_SPELLINGS = {"+": _PLUS, "-": _PLUS, "/": _SLASH, "_": _SLASH}
"""Base64 has two alphabets, and may be spelled once more itself."""
_BEFORE = re.compile(r"[A-Za-z0-9+_\-]*")
_AFTER = re.compile(r"[A-Za-z0-9+_\-]*(?:=|%(?:25)*3[Dd])*")
"""What is left of a word of base64 would tell. It ends at a slash, which may be that of an address."""
_LONGEST_WORD = 4096


@dataclass(frozen=True, slots=True)
class Spellings:
    """All ways to spell one value."""

    plain: re.Pattern[str]
    base64: re.Pattern[str]

    def is_in(self, text: str) -> bool:
        """Does the value stand in the text, however it is spelled?"""
        return bool(self.plain.search(text) or self.base64.search(text))

    def replace(self, text: str, by: str) -> str:
        """The text with `by` wherever the value stood; of base64 the whole word goes."""
        shown, end = [], 0
        for found in self.base64.finditer(text):
            if found.start() < end:
                continue
            before = _BEFORE.match(text[max(end, found.start() - _LONGEST_WORD) : found.start()][::-1])
            after = _AFTER.match(text, found.end())
            shown += [text[end : found.start() - (before.end() if before else 0)], by]
            end = after.end() if after else found.end()
        return self.plain.sub(lambda _: by, "".join([*shown, text[end:]]))


@functools.lru_cache(maxsize=4096)
def spellings_of(value: str) -> Spellings:
    """What finds this value, which should have at least six characters: fewer stand in base64 by chance."""
    plain = "".join(_character(each, len(list(run))) for each, run in itertools.groupby(value))
    return Spellings(re.compile(plain), re.compile("|".join(_base64_cores(value.encode("utf-8", "surrogatepass")))))


def _character(character: str, times: int) -> str:
    """One character so many times, each in its own spelling; but backslashes alike: who can tell where one ends?"""
    percent = "".join(f"%(?:25)*(?i:{byte:02x})" for byte in character.encode("utf-8", "surrogatepass"))
    units = character.encode("utf-16-be", "surrogatepass")
    escaped = "".join(rf"{_ESCAPE}u(?i:{units[at : at + 2].hex()})" for at in range(0, len(units), 2))
    spellings = [re.escape(character), percent, escaped]  # percent again for each address that it is in
    if character == "\\":
        return rf"(?:{_BACKSLASH}{{{times},{64 * times}}}|(?:{percent}|{escaped}){{{times}}})"
    if character in _SHORT_ESCAPES:
        spellings.insert(0, _ESCAPE + _SHORT_ESCAPES[character])
    if character == " ":
        spellings += [r"\+", "%(?:25)*2[Bb]"]  # a form, which may stand in an address as well
    return f"(?:{'|'.join(spellings)}){f'{{{times}}}' if times > 1 else ''}"


def _base64_cores(value: bytes) -> list[str]:
    """What stands in base64 whatever is before and after the value, for each of the three ways it can be aligned."""
    cores = []
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + value).decode("ascii").rstrip("=")
        first, end = -(-before * 8 // 6), (before + len(value)) * 8 // 6
        cores.append("".join(_BASE64_SPELLINGS.get(each, each) for each in encoded[first:end]))
    return cores
