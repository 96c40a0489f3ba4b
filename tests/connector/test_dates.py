"""Creation Date, in every form that people and apps write it."""

from datetime import UTC, datetime

import pytest

from connector import InputError
from connector.dates import parse_date

MARCH_5 = int(datetime(2018, 3, 5, 15, 16, 0, tzinfo=UTC).timestamp())
MARCH_5_MIDNIGHT = int(datetime(2018, 3, 5, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("2018-03-05T15:16:0Z", id="ISO 8601 as CleverTap writes it"),
        pytest.param("2018-03-5 15:16:0", id="short date as CleverTap writes it"),
        pytest.param("March 05, 2018 15:16:0", id="long date as CleverTap writes it"),
        pytest.param("Monday, March 05, 2018 15:16:0", id="long date with its weekday"),
        pytest.param("Mon March 5 2018, 15:16", id="long date, short weekday"),
        pytest.param("monday mar 05, 2018 15:16:00 Z", id="long date, small letters, Z"),
        pytest.param("2018-03-5 15:16:0Z", id="short date with Z"),
        pytest.param("2018-03-05T15:16:00Z", id="ISO 8601"),
        pytest.param("2018-03-05t15:16:00z", id="ISO 8601, small letters"),
        pytest.param("2018-03-05T15:16:00.250Z", id="fraction of a second is cut"),
        pytest.param("2018-03-05T15:16:00,25", id="fraction after a comma"),
        pytest.param("2018-03-05T15:16", id="no seconds"),
        pytest.param("2018-03-05 15:16:00", id="as Pipedrive v1 writes it"),
        pytest.param("2018-03-05 15:16:00 UTC", id="UTC by name"),
        pytest.param("2018-03-05T15:16:00+00:00", id="no offset"),
        pytest.param("2018-03-05T20:46:00+05:30", id="offset east"),
        pytest.param("2018-03-05T10:16:00-0500", id="offset west without a colon"),
        pytest.param("2018-03-05T17:16:00 +02", id="offset in hours"),
        pytest.param(MARCH_5, id="epoch seconds"),
        pytest.param(str(MARCH_5), id="epoch seconds as text"),
        pytest.param(f"{MARCH_5}.0", id="epoch seconds out of a spreadsheet"),
        pytest.param(MARCH_5 + 0.75, id="epoch seconds with a fraction"),
        pytest.param(MARCH_5 * 1000 + 999, id="epoch milliseconds"),
        pytest.param(f" {MARCH_5 * 1000} ", id="epoch milliseconds as text"),
    ],
)
def test_one_moment_in_every_form(value):
    """Without a zone UTC is meant. (docs.clevertap.com/docs/zapier; documented; milliseconds and offsets assumed)"""
    assert parse_date(value, "creation_date") == MARCH_5


@pytest.mark.parametrize("value", ["2018-03-05", "2018-3-5", "2018-03-05Z", "March 5, 2018", "Mar 05 2018 Z"])
def test_a_date_alone_means_midnight(value):
    """Midnight UTC: a form must not depend on where it is read."""
    assert parse_date(value, "creation_date") == MARCH_5_MIDNIGHT


@pytest.mark.parametrize(
    ("value", "day"),
    [
        pytest.param("20180305", datetime(2018, 3, 5, tzinfo=UTC), id="as text"),
        pytest.param(20180305, datetime(2018, 3, 5, tzinfo=UTC), id="as a number"),
        pytest.param("20180305.0", datetime(2018, 3, 5, tzinfo=UTC), id="out of a spreadsheet"),
        pytest.param("20240229", datetime(2024, 2, 29, tzinfo=UTC), id="a leap day"),
        pytest.param("19700102", datetime(1970, 1, 2, tzinfo=UTC), id="the first day there can be"),
        pytest.param("21001231", datetime(2100, 12, 31, tzinfo=UTC), id="the last day that is looked for"),
    ],
)
def test_eight_digits_that_are_a_day_are_that_day(value, day):
    """ISO 8601 writes 2026-09-01 as 20260901 too; as epoch seconds that was once, silently, a day of August 1970.

    (docs.clevertap.com/docs/zapier for ISO 8601; documented. That a day goes before seconds: assumed)
    """
    assert parse_date(value, "creation_date") == day.timestamp()


@pytest.mark.parametrize(
    "value", ["20180230", "20181301", "20180305.5", "21010101", "18991231", "2018030", "-20180305"]
)
def test_other_numbers_stay_seconds(value):
    """What is no day between the years 1900 and 2100 is what a number always is; below zero it is refused."""
    if value.startswith("-"):
        with pytest.raises(InputError):
            parse_date(value, "creation_date")
    else:
        assert parse_date(value, "creation_date") == int(float(value))


def test_a_day_in_digits_before_1970_is_refused():
    """As in every other form of a date."""
    with pytest.raises(InputError, match="not between the years 1970 and 2286"):
        parse_date("19690720", "creation_date")


@pytest.mark.parametrize(
    ("month", "name"),
    [
        *[(1, "January"), (2, "February"), (3, "March"), (4, "April"), (5, "May"), (6, "June"), (7, "July")],
        *[(8, "August"), (9, "September"), (10, "October"), (11, "November"), (12, "December")],
    ],
)
def test_every_month_is_known_in_full_and_short(month, name):
    """English names from our own table; no locale has a say."""
    day = datetime(2024, month, 9, tzinfo=UTC)
    for text in (name, name[:3].upper()):
        assert parse_date(f"{text} 09, 2024", "creation_date") == day.timestamp()


@pytest.mark.parametrize("value", [None, "", "  \n"])
def test_blank_means_no_date(value):
    """CleverTap then takes the time of arrival. (docs/upload-events-api; documented)"""
    assert parse_date(value, "creation_date") is None


def test_the_last_second_of_ten_digits_is_no_millisecond():
    """Up to ten digits are seconds, from eleven on milliseconds."""
    assert parse_date("9999999999", "creation_date") == 9_999_999_999
    assert parse_date("10000000000", "creation_date") == 10_000_000


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("tomorrow", id="a word"),
        pytest.param("03/05/2018", id="day and month could be swapped"),
        pytest.param("5 March 2018", id="not the documented order"),
        pytest.param("März 05, 2018", id="another language"),
        pytest.param("2018-03-05T15:16:00+05:75", id="offset minutes"),
        pytest.param("2018-03-05T15:16:00 CET", id="a zone's name"),
        pytest.param("\u0662\u0660\u0661\u0668-\u0660\u0663-\u0660\u0665", id="digits of another script"),
        pytest.param("2018-02-30", id="no such day"),
        pytest.param("2018-13-01", id="no such month"),
        pytest.param("2018-03-05 24:01", id="no such hour"),
        pytest.param("2018-03-05T15:16:00+24:00", id="no such offset"),
        pytest.param("0000-01-01", id="no such year"),
        pytest.param(0, id="zero, which CleverTap refuses with 525"),
        pytest.param("1969-12-31", id="before 1970"),
        pytest.param(-5, id="a negative number"),
        pytest.param("2300-01-01", id="too far ahead"),
        pytest.param("20180305151600", id="digits run together"),
        pytest.param("9" * 5000, id="endless digits"),
        pytest.param(1e300, id="a huge number"),
        pytest.param(float("nan"), id="not a number"),
        pytest.param(True, id="a boolean"),
        pytest.param(["2018-03-05"], id="a list"),
        pytest.param("\ud800", id="half of a character pair"),
    ],
)
def test_what_is_no_moment_is_refused_with_an_example(value):
    """Nothing is guessed; the message names the field and shows what would be right, and can be printed."""
    with pytest.raises(InputError, match="for example 2018-03-05T15:16:00Z or 1520263000") as caught:
        parse_date(value, "creation_date")
    assert caught.value.field == "creation_date"
    assert len(str(caught.value).encode()) < 300


def test_the_message_tells_why_a_date_does_not_exist():
    """A person sees which part is wrong."""
    with pytest.raises(InputError) as caught:
        parse_date("2018-02-30", "creation_date")
    assert str(caught.value).startswith("creation_date: '2018-02-30' does not exist (day is out of range")
