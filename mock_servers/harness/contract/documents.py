"""An OpenAPI document as data: which of its operations a request is meant for, and what it says of that."""

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from ...rig.yaml_text import read_yaml

LARGEST = 8 * 1024 * 1024
"""Bytes of a document."""

_VARIABLE = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path."""

    label: str
    """`POST /1/upload`, as the document writes it."""
    parameters: tuple[Mapping[str, Any], ...]
    body: Mapping[str, Any]
    """Media type to what is said of it; empty if no body is described."""


class Document:
    """One document, its references within itself. Raises `rig.yaml_text.UnreadableYamlError` if it cannot be read."""

    def __init__(self, raw: Mapping[str, Any]):
        self.raw = raw
        self._servers = [_server_pattern(server) for server in raw.get("servers", [])]
        self._operations = sorted(
            ((method.upper(), _path_pattern(path), self._operation(method, path, item))
             for path, item in raw["paths"].items()
             for method in item if method in {"get", "put", "post", "delete", "options", "head", "patch", "trace"}),
            key=lambda each: "{" in each[2].label,  # a literal path beats a template
        )  # fmt: skip

    @classmethod
    def load(cls, path: Path) -> Self:
        """The document in a file, YAML or JSON."""
        return cls(read_yaml(path.read_bytes(), largest=LARGEST))

    def find_operation(self, method: str, url: str) -> Operation | None:
        """The operation that this request is meant for, at one of the document's servers; None if there is none."""
        for path in self._paths(url):
            for of_method, pattern, operation in self._operations:
                if of_method == method.upper() and pattern.fullmatch(path):
                    return operation
        return None

    def _paths(self, url: str) -> Iterator[str]:
        """What is left of the address without the server, for each server that it can be."""
        parts = urlsplit(url)
        address = f"{parts.scheme}://{parts.netloc}{parts.path}"
        for pattern in self._servers:
            if found := pattern.match(address):
                yield address[found.end() :] or "/"

    def resolve(self, part: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a part is, or refers to."""
        while "$ref" in part:
            found: Any = self.raw
            for name in str(part["$ref"]).removeprefix("#/").split("/"):
                found = found[name.replace("~1", "/").replace("~0", "~")]
            part = found
        return part

    def _operation(self, method: str, path: str, item: Mapping[str, Any]) -> Operation:
        described = item[method]
        parameters = [self.resolve(each) for each in (*item.get("parameters", []), *described.get("parameters", []))]
        body = self.resolve(described.get("requestBody", {})).get("content", {})
        return Operation(f"{method.upper()} {path}", tuple(parameters), body)


@functools.cache
def clevertap_document() -> Document:
    """The shipped document of CleverTap's API."""
    return Document.load(Path(__file__).parents[2] / "clevertap" / "openapi.yaml")


def _server_pattern(server: Mapping[str, Any]) -> re.Pattern[str]:
    """The beginning of addresses at this server. A variable has one of its values, or any that holds no slash."""
    variables = server.get("variables", {})

    def alternatives(found: re.Match[str]) -> str:
        values = variables.get(found[1], {}).get("enum")
        return f"(?:{'|'.join(map(re.escape, values))})" if values else r"[^/]+"

    return re.compile(_replaced(server["url"].rstrip("/"), alternatives) + r"(?=/|\Z)")


def _path_pattern(path: str) -> re.Pattern[str]:
    return re.compile(_replaced(path, lambda _: r"[^/]+"))


def _replaced(template: str, by: Any) -> str:
    pieces, end = [], 0
    for found in _VARIABLE.finditer(template):
        pieces += [re.escape(template[end : found.start()]), by(found)]
        end = found.end()
    return "".join([*pieces, re.escape(template[end:])])
