"""Does a request follow the document, and does anybody read what it says?"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from .documents import Document, Operation
from .findings import Finding, Kind, as_example, member_path

if TYPE_CHECKING:
    import requests

JSON = "application/json"


def check_request(document: Document, request: "requests.PreparedRequest", where: str) -> list[Finding]:
    """Everything in which a request is unlike what the document describes; empty if it follows it.

    `where` says which request it is. A JSON body is looked at whole; of other bodies only whether the media type is
    described.
    """
    url = str(request.url)
    operation = document.find_operation(str(request.method), url)
    if operation is None:
        parts = urlsplit(url)
        address = f"{request.method} {parts.scheme}://{parts.netloc}{parts.path}"
        message = "no server or path of the document is like it"
        return [Finding(where, "", "request path", "", message, address, "broken")]
    return [
        Finding(where, operation.label, part, path, message, example, kind)
        for part, path, message, example, kind in (
            *_query_faults(document, operation, url),
            *_body_faults(document, operation, request),
        )
    ]


_Fault = tuple[str, str, str, str, Kind]


def _query_faults(document: Document, operation: Operation, url: str) -> Iterator[_Fault]:
    sent = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    described = {each["name"]: each for each in operation.parameters if each["in"] == "query"}
    for name, value in sent.items():
        if name not in described:
            yield "request query", name, "it is sent, but nobody reads it", as_example(value, name), "unread"
            continue
        schema = _whole(document, described[name].get("schema", {}))
        errors = [list(_errors(schema, reading)) for reading in (value, *_other_readings(value))]
        if all(errors):
            yield "request query", name, errors[0][0][1], as_example(value, name), "broken"
    for name, parameter in described.items():
        if parameter.get("required") and name not in sent:
            yield "request query", name, "it is required, and missing", "", "broken"


def _other_readings(text: str) -> Iterator[Any]:
    """An address has only texts: what the schema wants may be a number or a truth value."""
    try:
        yield msgspec.json.decode(text)
    except msgspec.DecodeError:
        return


def _body_faults(document: Document, operation: Operation, request: "requests.PreparedRequest") -> Iterator[_Fault]:
    body = request.body.encode() if isinstance(request.body, str) else request.body
    if not operation.body:
        return
    media_type = str(request.headers.get("Content-Type", "")).partition(";")[0].strip().lower()
    if body is None or media_type not in operation.body:
        known = ", ".join(operation.body)
        yield "request header", "Content-Type", f"the body must be {known}", as_example(media_type), "broken"
        return
    if media_type != JSON:
        return
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        yield "request body", "", f"it is no JSON: {problem}", "", "broken"
        return
    schema = operation.body[media_type].get("schema", {})
    for path, message, example in _errors(_whole(document, schema), value):
        yield "request body", member_path("$", *path), message, as_example(example), "broken"
    for path, example in _unread(document, schema, value, ()):
        yield "request body", member_path("$", *path), "it is sent, but nobody reads it", as_example(example), "unread"


def _whole(document: Document, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with all that it may refer to."""
    return {**document.resolve(schema), "components": document.raw.get("components", {})}


def _errors(schema: dict[str, Any], value: Any) -> Iterator[tuple[tuple[str | int, ...], str, Any]]:
    """Where a value is unlike its schema, and in what."""
    import jsonschema_rs

    for error in jsonschema_rs.validator_for(schema).iter_errors(value):
        for nearest in _nearest(error):
            path = tuple(nearest.instance_path)
            found = value
            for step in path:
                found = found[step]
            yield path, str(nearest.message), found


def _nearest(error: Any) -> list[Any]:
    """The error, or if there were several branches to choose from, what is wrong in the one that is nearest."""
    branches = getattr(error.kind, "context", None)
    if not branches:
        return [error]

    def distance(branch: list[Any]) -> tuple[bool, int]:
        return any(type(each.kind).__name__.endswith("Constant") for each in branch), len(branch)

    return [deeper for each in min(branches, key=distance) for deeper in _nearest(each)]


def _unread(
    document: Document, schema: Mapping[str, Any], value: Any, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Members of objects that no branch of the schema describes, where it allows others and says nothing of them."""
    schemas = list(_branches(document, schema, value))
    if isinstance(value, list):
        for position, item in enumerate(value):
            for each in schemas:
                if isinstance(each.get("items"), Mapping):
                    yield from _unread(document, each["items"], item, (*path, position))
    if not isinstance(value, dict):
        return
    others = [each["additionalProperties"] for each in schemas if "additionalProperties" in each]
    described = [each.get("properties", {}) for each in schemas]
    if not (any(described) or others):
        return  # an object of which nothing is said
    for name, member in value.items():
        about = [properties[name] for properties in described if name in properties]
        for each in about:
            yield from _unread(document, each, member, (*path, name))
        if not about and not others:
            yield (*path, name), member


def _branches(document: Document, schema: Mapping[str, Any], value: Any) -> Iterator[Mapping[str, Any]]:
    """The schema, and those within it that speak of the same value: all, but of those with a constant the fitting."""
    schema = document.resolve(schema)
    constants = {
        name: each["const"] for name, each in schema.get("properties", {}).items()
        if isinstance(each, Mapping) and "const" in each
    }  # fmt: skip
    if isinstance(value, dict) and any(value.get(name) != constant for name, constant in constants.items()):
        return
    yield schema
    for word in ("allOf", "anyOf", "oneOf"):
        for each in schema.get(word, ()):
            yield from _branches(document, each, value)
