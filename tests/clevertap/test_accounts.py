"""Accounts, passcodes, reset: the rig's own controls and what the emulator promises."""

import re
from datetime import timedelta

import msgspec
import pytest

from mock_servers.rig.exchange import ApiError

ADA = {"type": "profile", "identity": "p-7"}


def body(*records):
    return msgspec.json.encode({"d": records})


def test_credentials_have_the_vendors_shape(clevertap):
    """`XXX-XXX-XXXX` in capitals and digits, and 32 hex characters. (Clients' samples; observed)"""
    credentials = clevertap.default_credentials()
    assert set(credentials) == {"account_id", "passcode", "region"}
    assert re.fullmatch(r"[A-Z0-9]{3}-[A-Z0-9]{3}-[A-Z0-9]{4}", credentials["account_id"])
    assert re.fullmatch(r"[0-9a-f]{32}", credentials["passcode"])
    assert credentials["region"] == "eu1"


def test_credentials_follow_from_the_seed(tmp_path, started):
    """A configuration can be written down once: the same seed has the same credentials, another one others."""
    made = []
    for number, seed in enumerate([1, 1, 2]):
        with started(tmp_path / f"{number}.sqlite", seed) as clevertap:
            made.append(clevertap.default_credentials())
    assert made[0] == made[1]
    assert made[0] != made[2]


def test_a_restart_finds_everything(tmp_path, started):
    """What was stored is there again, and the default credentials still open the account."""
    path = tmp_path / "a.sqlite"
    with started(path) as first:
        credentials = first.default_credentials()
        first.uploads.upload(first.authenticate(**credentials), body(ADA))
    with started(path) as second:
        assert second.default_credentials() == credentials
        assert second.reader.find_profile(second.authenticate(**credentials), identity="p-7") is not None
        assert len(second.accounts()) == 1


def test_the_passcode_is_not_stored(database, clevertap):
    """A copy of the state gives no credentials away."""
    secret = clevertap.default_credentials()["passcode"]
    with database.read() as connection:
        assert secret not in "\n".join(connection.iterdump())


def test_reset_is_the_start_again(caller, newcomer, clevertap):
    """One empty account with its first passcode; the same uploads give the same ids."""
    caller.upload(ADA)
    before = caller.profile(identity="p-7")
    assert caller.control("POST", "/_rig/reset", {}) == (200, {"reset": "clevertap"})
    assert caller.profile(identity="p-7") is None
    assert newcomer.ask("GET", "/1/profile.json", identity="p-7").status == 401
    caller.upload(ADA)
    assert caller.profile(identity="p-7") == before


def test_a_reset_between_credentials_and_records_refuses_the_upload(clevertap, newcomer):
    """Nothing is stored for an account that has gone."""
    account = clevertap.account(newcomer.account_id)
    clevertap.reset()
    with pytest.raises(ApiError, match="Account ID is not valid"):
        clevertap.uploads.upload(account, body(ADA))
    assert clevertap.reader.newest_profiles(account) == []


def test_a_new_account_works_at_once(caller):
    """Its credentials are shown where it is made."""
    status, made = caller.control("POST", "/_rig/accounts", {"region": "sg1"})
    assert status == 201
    assert set(made) == {"account_id", "passcode", "passcode_id", "region"}
    headers = {"x-clevertap-account-id": made["account_id"], "x-clevertap-passcode": made["passcode"]}
    assert caller.ask("GET", "/sg1/1/profile.json", headers=headers, identity="x").status == 200


@pytest.mark.parametrize("region", ["xx1", "", None, 5, ["eu1"], "EU1"])
def test_a_wrong_region_is_named(caller, region):
    """The message says what would be right. (Ours)"""
    status, body = caller.control("POST", "/_rig/accounts", {"region": region})
    assert status == 422
    [problem] = body["error"]["problems"]
    assert problem["path"] == "region"
    assert "eu1, in1, sg1, us1, aps3, mec1, sk1" in problem["message"]


def test_one_account_has_several_passcodes(caller):
    """Each partner gets its own. (docs/upload-user-profiles; documented)"""
    path = f"/_rig/accounts/{caller.account_id}/passcodes"
    status, made = caller.control("POST", path, {"name": "Zapier"})
    assert status == 201
    assert made["name"] == "Zapier"
    assert made["created_at"] == "2026-11-02T09:30:00.000Z"
    for passcode in (caller.passcode, made["passcode"]):
        assert (
            caller.ask("GET", "/1/profile.json", headers={"x-clevertap-passcode": passcode}, identity="x").status == 200
        )
    status, listed = caller.control("GET", path)
    assert status == 200
    assert [(entry["id"], entry["name"], entry["revoked_at"]) for entry in listed["data"]] == [
        ("1", "Default", None),
        (made["id"], "Zapier", None),
    ]
    assert made["passcode"] not in str(listed)


def test_a_passcode_without_a_name_gets_one(caller):
    """A name is optional. (Ours)"""
    status, made = caller.control("POST", f"/_rig/accounts/{caller.account_id}/passcodes")
    assert (status, made["name"]) == (201, "Passcode 2")


def test_a_revoked_passcode_opens_nothing(caller, clock):
    """Revoking works at once, and only on that passcode. (Ours; the dashboard's page is not published)"""
    path = f"/_rig/accounts/{caller.account_id}/passcodes"
    _, made = caller.control("POST", path, {"name": "Zapier"})
    headers = {"x-clevertap-passcode": made["passcode"]}

    status, revoked = caller.control("DELETE", f"{path}/{made['id']}")

    assert (status, revoked["revoked_at"]) == (200, "2026-11-02T09:30:00.000Z")
    answer = caller.ask("POST", "/1/upload", body=b'{"d": []}', headers=headers)
    assert (answer.status, answer.payload["error"]) == (401, "Passcode Invalid")
    assert caller.ask("POST", "/1/upload", body=b'{"d": []}').status == 200
    clock.move_to(clock.now() + timedelta(hours=1))
    assert caller.control("DELETE", f"{path}/{made['id']}") == (200, revoked), "it was revoked an hour ago"


@pytest.mark.parametrize("name", ["", "  ", 5, [], "x" * 101])
def test_a_wrong_name_is_named(caller, name):
    """The problem says which member is wrong. (Ours)"""
    status, body = caller.control("POST", f"/_rig/accounts/{caller.account_id}/passcodes", {"name": name})
    assert (status, body["error"]["problems"][0]["path"]) == (422, "name")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("POST", "/_rig/accounts/AAA-AAA-AAAA/passcodes", id="make one for nobody"),
        pytest.param("GET", "/_rig/accounts/AAA-AAA-AAAA/passcodes", id="list nobody's"),
        pytest.param("DELETE", "/_rig/accounts/AAA-AAA-AAAA/passcodes/1", id="revoke nobody's"),
    ],
)
def test_an_unknown_account_is_a_404(caller, method, path):
    """Controls on what is not there. (Ours)"""
    assert caller.control(method, path)[0] == 404


@pytest.mark.parametrize("passcode_id", ["99", "x", "1.0", "01", " 1"])
def test_an_unknown_passcode_is_a_404(caller, passcode_id):
    """Also one that only looks like an id. (Ours)"""
    assert caller.control("DELETE", f"/_rig/accounts/{caller.account_id}/passcodes/{passcode_id}")[0] == 404


def test_a_passcode_of_another_account_is_a_404(caller, newcomer):
    """An account's passcodes are revoked through that account. (Ours)"""
    assert caller.control("DELETE", f"/_rig/accounts/{newcomer.account_id}/passcodes/1")[0] == 404


def test_more_than_1000_records_are_refused_by_the_emulator_itself(clevertap):
    """Whoever calls, the limit holds. (docs/upload-events-api; documented)"""
    with pytest.raises(ApiError, match="1000"):
        clevertap.uploads.upload(clevertap.accounts()[0], body(*[ADA] * 1001))


def test_the_server_says_its_name(server):
    """The content type is written as recorded, without a space. (Recorded traffic; observed)"""
    assert server.name == "clevertap"
    assert server.content_type == "application/json;charset=utf-8"
