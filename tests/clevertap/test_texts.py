"""How long may names and texts be, and which characters may a name have?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_servers.clevertap import texts


def key(name, *, is_profile):
    remarks = []
    return texts.clean_key(name, is_profile=is_profile, remarks=remarks), [remark.kind for remark in remarks]


def event_name(name):
    remarks = []
    return texts.clean_event_name(name, remarks), [remark.kind for remark in remarks]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param("x" * 512, "x" * 512, id="512 letters of one byte"),
        pytest.param("x" * 513, "x" * 512, id="513 letters of one byte"),
        pytest.param("é" * 256, "é" * 256, id="512 bytes in letters of two"),
        pytest.param("é" * 257, "é" * 256, id="514 bytes in letters of two"),
        pytest.param("x" * 510 + "é", "x" * 510 + "é", id="a letter of two bytes that just fits"),
        pytest.param("x" * 511 + "é", "x" * 511, id="a letter of two bytes over the border"),
        pytest.param("x" * 509 + "€", "x" * 509 + "€", id="a sign of three bytes that just fits"),
        pytest.param("x" * 510 + "€", "x" * 510, id="a sign of three bytes, one byte over the border"),
        pytest.param("x" * 511 + "€", "x" * 511, id="a sign of three bytes, two bytes over the border"),
        pytest.param("x" * 508 + "😀", "x" * 508 + "😀", id="a face of four bytes that just fits"),
        pytest.param("x" * 509 + "😀", "x" * 509, id="a face of four bytes, one byte over the border"),
        pytest.param("x" * 510 + "😀", "x" * 510, id="a face of four bytes, two bytes over the border"),
        pytest.param("x" * 511 + "😀", "x" * 511, id="a face of four bytes, three bytes over the border"),
        pytest.param("😀" * 128, "😀" * 128, id="128 faces"),
        pytest.param("😀" * 129, "😀" * 128, id="129 faces"),
        pytest.param("x" * 512 + "😀" * 1000, "x" * 512, id="all that follows goes"),
    ],
)
def test_a_value_is_cut_at_512_bytes(text, kept):
    """512 is bytes, and no character is cut in two. (docs/upload-events-api; documented. Cutting: assumed)"""
    remarks = []
    assert texts.cut_value("Plan", text, remarks) == kept
    assert [remark.kind for remark in remarks] == (["value cut"] if kept != text else [])


@given(st.text(), st.integers(0, 40))
def test_what_is_cut_fits_and_is_the_beginning(text, most):
    """Never more bytes than asked for, and never a character fewer than fit."""
    kept = texts.cut_bytes(text, most)
    assert text.startswith(kept)
    assert len(kept.encode()) <= most
    assert kept == text or len(text[: len(kept) + 1].encode()) > most


@pytest.mark.parametrize(
    ("name", "kept", "kinds"),
    [
        pytest.param("Plan", "Plan", [], id="a plain name"),
        pytest.param("Customer Type", "Customer Type", [], id="a space within"),
        pytest.param("  Plan\t", "Plan", [], id="space around"),
        pytest.param("a.b:c", "abc", ["characters removed"], id="signs within"),
        pytest.param("$ a ", "a", ["characters removed"], id="space that a sign leaves behind"),
        pytest.param("%><!|&.:;$'\"\\", "", ["characters removed"], id="signs alone"),
        pytest.param("", "", [], id="nothing"),
        pytest.param(" ", "", [], id="space alone"),
        pytest.param("Größe/Länge-1_(cm)?", "Größe/Länge-1_(cm)?", [], id="other signs and letters"),
        pytest.param("x" * 120, "x" * 120, [], id="120 letters"),
        pytest.param("x" * 121, "x" * 120, ["name cut"], id="121 letters"),
        pytest.param("x" * 119 + " y", "x" * 119, ["name cut"], id="a space where it is cut"),
        pytest.param("." + "x" * 120, "x" * 120, ["characters removed"], id="120 letters after the signs are gone"),
        pytest.param("." + "x" * 121, "x" * 120, ["characters removed", "name cut"], id="both"),
    ],
)
@pytest.mark.parametrize("is_profile", [pytest.param(True, id="profile"), pytest.param(False, id="event")])
def test_the_name_of_a_property(name, kept, kinds, is_profile):
    """Prohibited characters go, space around goes, the rest is cut. (Page of 2020; documented. Remarks: assumed)"""
    assert key(name, is_profile=is_profile) == (kept, kinds)


@pytest.mark.parametrize(
    ("name", "of_profile", "of_event"),
    [
        pytest.param("é" * 60, "é" * 60, "é" * 60, id="120 bytes, 60 characters"),
        pytest.param("é" * 61, "é" * 60, "é" * 61, id="122 bytes, 61 characters"),
        pytest.param("é" * 121, "é" * 60, "é" * 120, id="242 bytes, 121 characters"),
        pytest.param("x" * 118 + "€", "x" * 118, "x" * 118 + "€", id="a sign of three bytes over the border of bytes"),
        pytest.param("😀" * 31, "😀" * 30, "😀" * 31, id="31 faces"),
        pytest.param("a#b", "ab", "a#b", id="a hash, which only profiles do not have"),
    ],
)
def test_names_of_profile_properties_are_measured_in_bytes_and_of_events_in_characters(name, of_profile, of_event):
    """120 bytes, 120 characters. (docs/upload-user-profiles-api and docs/upload-events-api; documented)"""
    assert key(name, is_profile=True)[0] == of_profile
    assert key(name, is_profile=False)[0] == of_event


@pytest.mark.parametrize("sign", sorted(texts.PROHIBITED_IN_PROFILES))
def test_every_prohibited_character_goes(sign):
    r"""`% > < ! | & . : ; $ ' " \`, and `#` in profile properties. (Page of 2020; documented)"""
    assert key(f"a{sign}b", is_profile=True) == ("ab", ["characters removed"])
    is_prohibited_in_events = sign != "#"
    assert key(f"a{sign}b", is_profile=False)[0] == ("ab" if is_prohibited_in_events else "a#b")
    assert event_name(f"a{sign}b")[0] == ("ab" if is_prohibited_in_events else "a#b")


def test_a_remark_names_the_characters_and_the_property():
    """A person reads what was removed, each once, and from where. (Ours)"""
    remarks = []
    texts.clean_key("Pl.a.n!", is_profile=True, remarks=remarks)
    assert [remark.text for remark in remarks] == ["Plan: the name of the property may not have . ! in it."]


@pytest.mark.parametrize(
    ("name", "kept", "kinds"),
    [
        pytest.param("Deal Stage Changed", "Deal Stage Changed", [], id="a plain name"),
        pytest.param(" Seen ", "Seen", [], id="space around"),
        pytest.param("Deal: Won!", "Deal Won", ["characters removed"], id="signs"),
        pytest.param("...", "", ["characters removed"], id="signs alone"),
        pytest.param("x" * 512, "x" * 512, [], id="512 letters"),
        pytest.param("x" * 513, "x" * 512, ["name cut"], id="513 letters"),
        pytest.param("é" * 512, "é" * 512, [], id="512 letters of two bytes"),
        pytest.param("x" * 511 + " y", "x" * 511, ["name cut"], id="a space where it is cut"),
    ],
)
def test_the_name_of_an_event(name, kept, kinds):
    """Cut at 512 characters, as the Android SDK does; the Web SDK takes 1024. (Observed)"""
    assert event_name(name) == (kept, kinds)


@given(st.text() | st.text(st.sampled_from(" .#ax€😀"), max_size=150), st.booleans())
def test_a_clean_name_is_plain(name, is_profile):
    """What `clean_key` leaves is stored as it is, or is nothing; and a plain name is left alone."""
    kept, kinds = key(name, is_profile=is_profile)
    assert kept == "" or texts.is_plain_key(kept, is_profile=is_profile)
    assert key(kept, is_profile=is_profile) == (kept, [])
    if texts.is_plain_key(name, is_profile=is_profile):
        assert (kept, kinds) == (name, [])


@given(st.text() | st.text(st.sampled_from(" .ax€😀"), min_size=500, max_size=520))
def test_cleaning_the_name_of_an_event_twice_is_cleaning_it_once(name):
    """The name that is stored is one that could have been sent."""
    kept, _ = event_name(name)
    assert event_name(kept) == (kept, [])
