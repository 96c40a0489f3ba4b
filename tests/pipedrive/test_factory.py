"""Made-up companies: believable, and the same again for the same seed."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from mock_servers.pipedrive import factory
from mock_servers.pipedrive.pipelines import Stage
from mock_servers.rig.ids import IdSource

NOW = datetime(2026, 9, 1, 8, 15, 30, tzinfo=UTC)
STAGES = [Stage(number, name, 1, number, NOW) for number, name in enumerate("ABCDE", start=1)]
COMPANY = factory.company(1, 700_101, None, None, NOW)
USERS = factory.users(COMPANY, 1, (5010, 5011))


def deals_of(seed, count, company=COMPANY):
    return list(factory.Factory(IdSource(seed)).deals(company, USERS, STAGES, count, NOW))


def test_the_same_seed_makes_the_same_deals():
    """Equal random seed and clock: equal deals; another seed: others. (ours)"""
    assert deals_of(1, 20) == deals_of(1, 20)
    assert deals_of(1, 20) != deals_of(2, 20)


def test_the_nth_deal_does_not_depend_on_the_others():
    """Deal 17 is the same alone, or among any number of others. (ours)"""
    alone = factory.Factory(IdSource(1)).deal(COMPANY, USERS, STAGES, 17, NOW)
    assert deals_of(1, 50)[16] == deals_of(1, 17)[16] == alone


def test_two_companies_have_different_deals():
    """Another company is no copy of the first."""
    other = factory.company(2, 700_102, None, None, NOW)
    assert [deal.title for deal in deals_of(1, 5, other)] != [deal.title for deal in deals_of(1, 5)]


@pytest.mark.parametrize("count", [0, 1, 4, 5, 25, 26, 1000])
def test_every_deal_has_its_person_and_every_person_a_deal(count):
    """No link leads nowhere, nobody is left over, and ids of deals and persons drift apart."""
    persons = {factory.person_of(deal) for deal in range(1, count + 1)}
    assert persons == set(range(1, factory.persons_for(count) + 1))
    organizations = {factory.organization_of(person) for person in persons}
    assert organizations == set(range(1, factory.organizations_for(count) + 1))


def test_a_persons_second_deal_comes_after_the_first():
    """Every fifth deal belongs to somebody who has one already."""
    assert [factory.person_of(deal) for deal in range(1, 11)] == [1, 2, 3, 4, 2, 5, 6, 7, 8, 6]


def test_everybody_can_be_reached():
    """E-mails at example domains, phones in a form that leads to E.164, no two alike among the first thousand."""
    make = factory.Factory(IdSource(1))
    persons = list(make.persons(COMPANY, USERS, 1250, NOW))
    emails = [person.emails[0].value for person in persons]
    phones = ["".join(person.phones[0].value.split()) for person in persons]
    assert all(email.endswith(".example") and email.isascii() and email.count("@") == 1 for email in emails)
    assert all(phone[0] == "+" and phone[1:].isdigit() and len(phone) == 13 for phone in phones)
    assert len(set(emails)) == len(set(phones)) == len(persons)
    assert persons[0].phones[0].value == "+44 20 7946 0958"


def test_deals_are_of_the_past_and_agree_with_themselves():
    """At most 90 days old; moved and closed after they were added; open ones are to close in the future."""
    for deal in deals_of(1, 300):
        assert timedelta(0) < NOW - deal.add_time <= timedelta(days=90)
        for moment in (deal.stage_change_time, deal.close_time, deal.update_time):
            assert moment is None or deal.add_time < moment <= NOW
        assert (deal.stage_change_time is None) == (deal.stage_id == 1)
        assert (deal.close_time is None) == (deal.status == "open")
        assert (deal.stage_change_time or deal.add_time) <= (deal.close_time or NOW)
        assert deal.update_time == (deal.close_time or deal.stage_change_time)
        assert deal.expected_close_date > NOW.date()


def test_the_stages_are_all_used():
    """A believable spread: every stage and every status, most of them open."""
    deals = deals_of(1, 300)
    assert {deal.stage_id for deal in deals} == {1, 2, 3, 4, 5}
    assert {deal.status for deal in deals} == {"open", "won", "lost"}
    assert sum(deal.status == "open" for deal in deals) > 180


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("Birch and Sons", "birch-and-sons", id="blanks"),
        pytest.param("O'Hara & Söhne", "ohara-sohne", id="apostrophe and umlaut"),
        pytest.param("木", "", id="nothing that can stay"),
    ],
)
def test_names_as_hosts(name, expected):
    """A name becomes a label of a host name."""
    assert factory.slug(name) == expected


def test_neither_flask_nor_faker_is_imported_before_it_is_needed():
    """Importing the server brings neither; a company without deals needs no Faker. (ours, D4)"""
    code = (
        "import sys; import mock_servers.pipedrive.app, mock_servers.pipedrive.emulator;"
        "print([name for name in ('flask', 'faker', 'jinja2') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
