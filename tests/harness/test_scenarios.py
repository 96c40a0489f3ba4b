"""Scenarios leave no trace, touch only test records, and go nowhere but to their vendor."""

import pytest
import requests

from mock_servers.harness.scenarios import SCENARIOS, RefusedError, play
from mock_servers.harness.scenarios.live import live_place, rehearse
from mock_servers.studio import studio

CREDENTIALS = {
    "clevertap": {"account_id": "ABC-123-4567", "passcode": "ZXC-VBN-MASD", "region": "eu1"},
    "pipedrive": {"api_token": "nobodys-token-nobodys-token-nobodys-token"},
}


def test_nothing_is_left_of_a_test_user():
    """The profile that was made is deleted afterwards, so the scenario can be played again."""
    scenario = SCENARIOS["upload_event"]
    with studio(scenario) as place:
        assert play(scenario, place).problem is None
        assert scenario.prepare(place.session, place.auth_data) == {}


def test_a_user_who_was_there_before_is_not_touched():
    """A profile with the test user's identity may be somebody's: it is neither changed nor deleted."""
    scenario = SCENARIOS["upload_event"]
    with studio(scenario) as place:
        scenario.ask(place.session, place.auth_data, {})

        with pytest.raises(RefusedError, match=r"has a profile .* already"):
            play(scenario, place)
        with pytest.raises(RefusedError):  # it is there still
            scenario.prepare(place.session, place.auth_data)


def test_other_peoples_deals_are_in_no_cassette(tmp_path):
    """A poll reads whatever is newest; if that is not only the test deal, nothing is written, and all is removed."""
    scenario = SCENARIOS["pipedrive_new_deal"]
    with studio(scenario) as place:
        made = scenario.prepare(place.session, place.auth_data)
        with pytest.raises(RefusedError, match="has 1 other deals"):
            play(scenario, place, tmp_path / "cassette.yaml")
        scenario.clean_up(place.session, place.auth_data, made)

        assert play(scenario, place).problem is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("key", [key for key, each in SCENARIOS.items() if not each.needs_busy])
def test_what_will_be_sent_is_known_beforehand(key):
    """The listing of a rehearsal has all that the scenario records, and no secret."""
    scenario = SCENARIOS[key]
    with studio(scenario) as place:
        planned = rehearse(scenario, place)
    with studio(scenario) as place:
        assert play(scenario, place).interactions == 0

    recorded = [each for each in planned if each.part == "recorded"]
    assert recorded
    assert not [each for each in planned for secret in place.secrets if secret in each.url + each.body]
    prepared = {each.part for each in planned} - {"recorded"}
    assert prepared in (set(), {"prepare", "clean up"})


@pytest.mark.parametrize("vendor", CREDENTIALS)
def test_a_live_session_goes_nowhere_else(vendor):
    """Whatever a scenario asks, only the vendor's own hosts can be reached."""
    place = live_place(vendor, CREDENTIALS[vendor])

    with pytest.raises(requests.ConnectionError, match="zaprig only calls this machine unless told otherwise"):
        place.session.get("https://api.clevertap.com.example.com/1/upload", timeout=1)


def test_the_region_of_a_rehearsal_is_the_accounts():
    """So the listing names the very host that will be called."""
    scenario = SCENARIOS["upload_event"]
    with studio(scenario, region="in1") as place:
        planned = rehearse(scenario, place)

    assert {each.url.partition("/1/")[0] for each in planned} == {"https://in1.api.clevertap.com"}
