"""Scrubbing of long texts: twice as long takes twice as long, whatever is in them."""

import time

import pytest

from mock_servers.harness.cassettes.scrubbing import Scrubber

LENGTH = 400_000
TEXTS = {
    "backslashes": "\\" * LENGTH,
    "a string of backslashes": '{"' + "\\" * LENGTH,
    "a string that never ends": '{47110815"' + '\\"' * (LENGTH // 2),
    "at signs": "@" * LENGTH,
    "addresses that are none": ("a" * 199 + "!@") * (LENGTH // 201),
    "domains without end": "a@" + "b." * (LENGTH // 2) + "1",
    "one word": "a" * LENGTH,
    "digits": "+" + "7" * LENGTH,
    "percent signs": "%25" * (LENGTH // 3),
    "brackets": "[" * LENGTH,
    "quotation marks": "{" + '"' * LENGTH,
    "base64": "NDcxMTA4MTU" * (LENGTH // 11),
    "nearly the secret": "4711081" * (LENGTH // 7),
}


@pytest.mark.slow
@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in TEXTS.items()])
def test_a_long_text_is_scrubbed_soon(text):
    """Each takes less than a second. Where a text's length counted twice, some of these took minutes."""
    before = time.process_time()
    Scrubber(["47110815"]).scrub_text(text)

    assert time.process_time() - before < 20
