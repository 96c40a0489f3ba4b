"""Which parts of a text are secret, and what stands in their place."""

import pytest

from mock_servers.rig.masking import mask_headers, mask_known, mask_text, mask_value, stand_in

SECRET = "5ecret-5ecret"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f'{{"passcode": "{SECRET}"}}', id="JSON"),
        pytest.param(f'{{"a": {{"api_token":"{SECRET}"}}}}', id="nested JSON"),
        pytest.param(f"/v1/deals?limit=1&api_token={SECRET}", id="a query"),
        pytest.param(f"grant_type=refresh_token&refresh_token={SECRET}&x=1", id="a form"),
        pytest.param(f'{{"access_token": "{SECRET}", "token_type": "Bearer"}}', id="a token answer"),
        pytest.param(f"/oauth/callback?state=1&code={SECRET}", id="an authorization code"),
    ],
)
def test_what_stands_under_a_telling_name_is_hidden(text):
    """The value goes, the rest of the text stays. (Ours)"""
    masked = mask_text(text)
    assert SECRET not in masked
    assert masked.replace(" ", "") == text.replace(SECRET, stand_in(SECRET)).replace(" ", "")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"pass\\u0063ode": "%s"}'.replace("%s", SECRET), id="a name spelled with an escape"),
        pytest.param('{"passcode": "%s'.replace("%s", SECRET), id="broken off before the closing quote"),
        pytest.param("{'passcode': '%s'}".replace("%s", SECRET), id="single quotes"),
        pytest.param('{"body": "{\\"passcode\\": \\"%s\\"}"}'.replace("%s", SECRET), id="JSON within a JSON text"),
        pytest.param('broken {"body": "{\\"passcode\\": \\"%s\\"}"'.replace("%s", SECRET), id="the same, broken"),
        pytest.param(f"?a=1;api_token={SECRET}", id="a semicolon between parameters"),
        pytest.param(f"?api%5Ftoken={SECRET}", id="a percent-encoded name"),
        pytest.param(f"[{{'secret' : '{SECRET}'}}, NaN]", id="what only looks like JSON"),
    ],
)
def test_no_spelling_hides_a_secret(text):
    """Escapes, broken JSON and JSON within JSON are seen through. (Ours)"""
    assert SECRET not in mask_text(text)


def test_a_secret_cut_in_two_is_hidden_too():
    """The end of a body that was cut may be the beginning of a secret. (Ours)"""
    assert SECRET[:8] not in mask_text('{"passcode": "' + SECRET[:8], is_cut=True)


def test_a_number_under_a_telling_name_is_hidden_and_an_error_code_is_not():
    """A passcode may be digits only; a code of an error is for reading. (Ours)"""
    masked = mask_text('{"passcode": 123456789, "code": 513}')
    assert "123456789" not in masked
    assert "513" in masked


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"token_type": "Bearer"}', id="the kind of a token"),
        pytest.param('{"errorCode": 401, "code": 513}', id="error codes"),
        pytest.param('{"title": "token of love"}', id="a value that only talks of tokens"),
        pytest.param('{"tokenData": {"id": "x"}}', id="a device token's data"),
    ],
)
def test_what_is_no_secret_stays(text):
    """Readers need what is harmless. (Ours)"""
    assert mask_text(text) == text


def test_the_same_secret_has_the_same_stand_in():
    """So that two requests with the same passcode can be told from two with different ones. (Zapier 2.10)"""
    masked = mask_headers({"X-CleverTap-Passcode": SECRET, "x-api-token": SECRET, "Accept": "*/*"})
    assert masked == {"X-CleverTap-Passcode": stand_in(SECRET), "x-api-token": stand_in(SECRET), "Accept": "*/*"}
    assert stand_in(SECRET).startswith(f":censored:{len(SECRET)}:")
    assert stand_in(SECRET) != stand_in("another-secret")


def test_known_secrets_are_hidden_wherever_they_stand():
    """In messages, lists and objects, also within a longer text. (Ours)"""
    value = {"message": f"refused {SECRET}!", "list": [SECRET, 1, None]}
    assert SECRET not in str(mask_known(value, [SECRET]))
    assert mask_known("abc", ["abc"]) == "abc"
    assert mask_value({"passcode": SECRET, "n": 1}) == {"passcode": stand_in(SECRET), "n": 1}
