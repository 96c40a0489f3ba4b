"""Which parts of a text are secret, and what stands in their place."""

import pytest

from mock_servers.rig.masking import is_secret_key, mask_headers, mask_known, mask_text, stand_in

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
    assert masked == text.replace(SECRET, stand_in(SECRET))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"pass\\u0063ode": "%s"}'.replace("%s", SECRET), id="a name spelled with an escape"),
        pytest.param('{"passcode": "%s'.replace("%s", SECRET), id="broken off before the closing quote"),
        pytest.param("{'passcode': '%s'}".replace("%s", SECRET), id="single quotes"),
        pytest.param('{"body": "{\\"passcode\\": \\"%s\\"}"}'.replace("%s", SECRET), id="JSON within a JSON text"),
        pytest.param('broken {"body": "{\\"passcode\\": \\"%s\\"}"'.replace("%s", SECRET), id="the same, broken"),
        pytest.param('{"api_token": "%s", "api_token": ""}'.replace("%s", SECRET), id="a name twice"),
        pytest.param('{"passcode": "a\\"b\'%s", "cut": "'.replace("%s", SECRET), id="quotes within, and cut off"),
        pytest.param('{"token": {"value": "%s"}}'.replace("%s", SECRET), id="an object under a telling name"),
        pytest.param('{"passcodes": ["x", "%s'.replace("%s", SECRET), id="a list under a telling name, cut off"),
        pytest.param('{"api token": "%s'.replace("%s", SECRET), id="a name with a blank, cut off"),
        pytest.param(f'--x\r\nContent-Disposition: form-data; name="passcode"\r\n\r\n{SECRET}\r\n', id="multipart"),
        pytest.param(f"http://user:{SECRET}@127.0.0.1/", id="a password in an address"),
        pytest.param('{"url": "http://user:%s@127.0.0.1/"}'.replace("%s", SECRET), id="the same within JSON"),
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
    assert SECRET[:8] not in mask_text('{"passcode": "' + SECRET[:8])


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
        pytest.param('{"code": "ERR_SCHEMA_VALIDATION_FAILED"}', id="an error code in words"),
        pytest.param('{"Secretary": "Ada", "token_count": 3, "signature_date": "2026-01-01"}', id="names that go on"),
        pytest.param('{"passcode": "", "a": 1.10, "b": 1e400, "c": "\\ud83d"}', id="odd spellings of ordinary values"),
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


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [
        *((name, True) for name in ("passcode", "X-CleverTap-Passcode", "x-api-token", "Set-Cookie", "refreshToken")),
        *((name, True) for name in ("client_secret", "http_auth_password", "API Key", "apiKeys", "accesstoken", "JWT")),
        *((name, False) for name in ("", "token_type", "tokenData", "x-daily-ratelimit-token-limit", "code", "title")),
    ],
)
def test_telling_names(name, is_secret):
    """Word by word, in any spelling of words; what only goes on from such a word is not one. (Ours)"""
    assert is_secret_key(name) == is_secret
