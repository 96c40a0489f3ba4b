"""In which data centre does a request look for its account?"""

import pytest

from mock_servers.clevertap import regions


@pytest.mark.parametrize(
    ("host", "path", "region"),
    [
        pytest.param("in1.api.clevertap.com", "/1/upload", "in1", id="a region's host"),
        pytest.param("eu1.api.clevertap.com", "/1/upload", "eu1", id="Europe by name"),
        pytest.param("api.clevertap.com", "/1/upload", "eu1", id="the bare host is Europe"),
        pytest.param("xx9.api.clevertap.com", "/1/upload", "xx9", id="a region that does not exist"),
        pytest.param("127.0.0.1", "/1/upload", None, id="a local host says nothing"),
        pytest.param("127.0.0.1", "/in1/1/upload", "in1", id="a local path says it"),
        pytest.param("localhost", "/us1/1/profile.json", "us1", id="on localhost too"),
        pytest.param("localhost", "/nowhere/1/upload", "nowhere", id="a prefix that is no region"),
        pytest.param("localhost", "/v1/connect", None, id="a version is no prefix"),
        pytest.param("sg1.localhost", "/1/upload", "sg1", id="a local host with a region"),
        pytest.param("rig.localhost", "/1/upload", None, id="a local host with another label"),
        pytest.param("clevertap", "/1/upload", None, id="a host that was allowed by name"),
    ],
)
def test_the_region_an_address_names(host, path, region):
    """Region is the first label of the API host. (docs/authentication; documented; the local forms are ours)"""
    assert regions.find(host, path).region == region


def test_the_real_host_has_no_region_in_its_paths():
    """A path prefix is for local addresses only. (Ours)"""
    assert not regions.find("in1.api.clevertap.com", "/in1/1/upload").is_real_path
    assert regions.find("in1.api.clevertap.com", "/1/upload").is_real_path
