"""In what is a request unlike the document?"""

import json

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_servers.harness.contract.conformity import check_request
from mock_servers.harness.contract.documents import Document, clevertap_document

UPLOAD = "https://eu1.api.clevertap.com/1/upload"
PROFILE = {"type": "profile", "identity": "u-1", "ts": 1793611800, "profileData": {"Name": "Ada", "Plan": "Pro"}}
EVENT = {"type": "event", "objectId": "__a", "evtName": "Charged", "evtData": {"Items": [{"a": 1}], "Amount": 5}}


def faults(url=UPLOAD, record=PROFILE, method="POST", **given):
    """What is found, as `part path: message (kind)`."""
    body = given or {"json": {"d": [record]}}
    request = requests.Request(method, url, **body).prepare()
    return [f"{each.part} {each.path}: {each.message} ({each.kind})" for each in
            check_request(clevertap_document(), request, "here")]  # fmt: skip


@pytest.mark.parametrize(
    "url",
    [
        pytest.param(UPLOAD, id="the real service"),
        pytest.param("https://in1.api.clevertap.com/1/upload?dryRun=1", id="another region, and a parameter"),
        pytest.param("http://127.0.0.1:8402/eu1/1/upload", id="the mock"),
    ],
)
def test_a_right_request_has_no_fault(url):
    """At each of the document's servers, in each of its regions."""
    assert faults(url) == faults(url, EVENT) == []


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        pytest.param({"record": PROFILE | {"ts": 1793611800000}},
                     "request body $.d[0].ts: 1793611800000 is greater than the maximum of 9999999999 (broken)",
                     id="milliseconds"),
        pytest.param({"record": PROFILE | {"sourceId": 7}},
                     "request body $.d[0].sourceId: it is sent, but nobody reads it (unread)", id="an unknown member"),
        pytest.param({"record": EVENT | {"evtData": {"a": {"b": 1}}}}, "request body $.d[0].evtData.a: ", id="nested"),
        pytest.param({"record": {"type": "event", "identity": "u-1"}},
                     'request body $.d[0]: "evtName" is a required property (broken)', id="a missing member"),
        pytest.param({"record": PROFILE | {"profileData": {"Gender": "female"}}},
                     "request body $.d[0].profileData.Gender: ", id="no value of the list"),
        pytest.param({"url": UPLOAD + "?dryRun=yes"}, 'request query dryRun: "yes" is not one of', id="a parameter"),
        pytest.param({"url": UPLOAD + "?dry_run=1"}, "request query dry_run: it is sent, but nobody reads it (unread)",
                     id="an unknown parameter"),
        pytest.param({"url": "https://api.clevertap.com/1/upload"}, "request path : no server or path", id="no region"),
        pytest.param({"url": "https://zz9.api.clevertap.com/1/upload"}, "request path : no server", id="wrong region"),
        pytest.param({"url": UPLOAD + "s"}, "request path : no server or path", id="no such path"),
        pytest.param({"method": "PUT"}, "request path : no server or path", id="no such method"),
        pytest.param({"data": b"{"}, "request header Content-Type: the body must be application/json (broken)",
                     id="no media type"),
        pytest.param({"data": b"{", "headers": {"Content-Type": "application/json"}}, "request body : it is no JSON",
                     id="no JSON"),
        pytest.param({"data": None, "headers": {"Content-Type": "application/json"}}, "request header Content-Type: ",
                     id="no body"),
    ],
)  # fmt: skip
def test_each_fault_is_named_with_its_place(given, fault):
    """One slip is one fault: the part of the request, the path in it, and what would be right."""
    found = faults(**given)

    assert len(found) == 1
    assert found[0].startswith(fault)


def test_several_faults_are_named_together():
    """In one record, in several records and in the address."""
    records = [PROFILE | {"ts": -1, "x": 1}, EVENT | {"y": 2}]

    assert len(faults(UPLOAD + "?a=1", json={"d": records, "z": 3})) == 5


def test_a_literal_path_beats_a_template():
    """As in Pipedrive, where `archived` is the id of no deal."""
    paths = {"/deals/{id}": {"get": {}}, "/deals/archived": {"get": {}}}
    document = Document({"servers": [{"url": "https://a.example/v2"}], "paths": paths})

    assert document.find_operation("get", "https://a.example/v2/deals/archived").label == "GET /deals/archived"
    assert document.find_operation("GET", "https://a.example/v2/deals/7?a=b").label == "GET /deals/{id}"
    assert document.find_operation("GET", "https://a.example/v2/deals/7/more") is None
    assert document.find_operation("GET", "https://a.example/v22/deals/7") is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["d", "type", "identity", "ts", "evtData", "profileData", "Items"]), inner)
    ),
    max_leaves=20,
)


@settings(deadline=None)
@given(body=st.one_of(st.binary(max_size=40), JSON.map(lambda value: json.dumps(value).encode())))
def test_whatever_is_sent_there_is_an_answer(body):
    """A list of faults, and never another error."""
    assert isinstance(faults(data=body, headers={"Content-Type": "application/json"}), list)
