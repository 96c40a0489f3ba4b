"""E-mail addresses and phone numbers of people, and what stands for them in a file that is kept.

A stand-in is an address or a number itself, the same one for the same person wherever and whenever, so records still
match and formats still hold. It is a digest that is slow to make: to try out whose it may be costs 10 ms a guess.
What belongs to nobody (example.com, numbers kept free for films) stays as it is: tests are about made-up people.
"""

import functools
import hashlib
import re
from urllib.parse import unquote

_AT = re.compile(r"(?<=[\w.+\-])(?:@|%(?:25)*40|\\+u0040)(?=[\w\-])")
_LOCAL_PART_BACKWARDS = re.compile(
    r"(?:[BbDdEe]2(?:52)*%|[Ff]5(?:52)*%|[\w.+\-]|(?<=\w)'(?=\w))+"
    r"(?!%)(?![0-9A-Fa-f]%)(?![0-9A-Fa-f]?(?:52)+%)(?!\\)"
)
"""Of the text before the at sign, read from its end: a search from its beginning tries every place to begin in. What is
percent-encoded or escaped before the local part does not belong to it."""
_DOMAIN = re.compile(r"[\w\-]+(?:\.[\w\-]+)*\.(?:[A-Za-z]{2,63}|xn--[\w\-]+)")
_LONGEST_LOCAL_PART = 200
_NOBODYS_DOMAINS = re.compile(r"(?:.+\.)?(?:example\.(?:com|net|org)|example|test|invalid|localhost)", re.IGNORECASE)
"""Source: RFC 2606 and RFC 6761."""

_PHONE = re.compile(r"(?<![\w+])(?P<plus>\+)(?P<number>[1-9](?:[ ().\-]{0,2}\d){7,14})(?![\w])")
_ENCODED_PHONE = re.compile(r"(?P<plus>%2[Bb])(?P<number>[1-9]\d{7,14})(?!\d)")
_PHONE_VALUE = re.compile(r"\s*\+?\(?\d(?:[ ().\-/]{0,2}\d){6,14}\s*")
_NOBODYS_PHONES = re.compile(
    r"1\d{3}55501\d\d"  # North America
    r"|44(?:1632960|2079460|7700900|8081570|9098790|3069990|1\d\d4960)\d{3}"  # Great Britain
    r"|999\d{9}"  # our own stand-ins
)
"""Kept free for films and books. Sources: NANPA's 555-01XX; Ofcom's numbers for use in TV and radio drama."""
_PHONE_WORDS = ("phone", "phones", "mobile", "msisdn", "telephone", "whatsapp")
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def is_phone_key(key: str) -> bool:
    """Is the value under this name a phone number, if it looks like one?"""
    words = [word.lower() for word in _WORDS.findall(key)]
    return bool(words) and words[-1] in _PHONE_WORDS


def hide_people(text: str, *, is_address: bool = False) -> str:
    """The text with stand-ins for the e-mail addresses and international phone numbers in it.

    In an address or a form (`is_address`) a bare plus is a space, so phones count only in percent-encoding.
    """
    text = _ENCODED_PHONE.sub(_hide_phone, _hide_emails(text))
    return text if is_address else _PHONE.sub(_hide_phone, text)


def hide_phone_value(value: str) -> str:
    """A whole value that stands under a name for phones: its stand-in, or itself where it is no number."""
    return _phone_stand_in(value) if _PHONE_VALUE.fullmatch(value) else value


def _hide_emails(text: str) -> str:
    """From one at sign to the next, and from there outwards: what may stand before one is long in long words."""
    shown, end = [], 0
    for at in _AT.finditer(text):
        before = text[max(end, at.start() - _LONGEST_LOCAL_PART) : at.start()]
        local = _LOCAL_PART_BACKWARDS.match(before[::-1])
        domain = _DOMAIN.match(text, at.end())
        if local and domain and not _NOBODYS_DOMAINS.fullmatch(domain[0]):
            number = _digest(f"{unquote(unquote(local[0][::-1]))}@{domain[0]}".casefold())
            shown.append(f"{text[end : at.start() - local.end()]}person-{number:010x}{at[0]}example.com")
            end = domain.end()
    return "".join([*shown, text[end:]])


def _hide_phone(found: re.Match[str]) -> str:
    shown = _phone_stand_in("+" + found["number"])
    return found[0] if shown == "+" + found["number"] else shown.replace("+", found["plus"])


def _phone_stand_in(value: str) -> str:
    """Country code 999 is assigned to nobody. With a plus if there was one; a number written in two ways is one."""
    digits = re.sub(r"\D", "", value)
    if _NOBODYS_PHONES.fullmatch(digits):
        return value
    return f"{'+' if value.lstrip()[:1] == '+' else ''}999{_digest(digits) % 10**9:09}"


@functools.lru_cache(maxsize=65536)
def _digest(value: str) -> int:
    slow = hashlib.scrypt(value.encode("utf-8", "surrogatepass"), salt=b"zaprig", n=2**13, r=8, p=1, dklen=5)
    return int.from_bytes(slow)
