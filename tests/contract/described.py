"""An OpenAPI document, as the tests ask it: its operations, everything that is sent or answered, every object."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml


class Described:
    """What a document describes."""

    def __init__(self, file: Path):
        self.raw: Any = yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)
        self.schemas = self.raw["components"]["schemas"]
        self.operations = {
            (method.upper(), path): operation
            for path, item in self.raw["paths"].items()
            for method, operation in item.items()
            if method != "parameters"
        }

    def resolved(self, part: dict[str, Any]) -> dict[str, Any]:
        """What a reference refers to."""
        if "$ref" not in part:
            return part
        found: Any = self.raw
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        return found

    def contents(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Everything that is sent (`body`) or answered (a status): the operation, which one, schema and examples."""
        for (method, path), operation in self.operations.items():
            bodies = {status: self.resolved(answer) for status, answer in operation["responses"].items()}
            if "requestBody" in operation:
                bodies["body"] = self.resolved(operation["requestBody"])
            for name, body in bodies.items():
                yield from ((f"{method} {path}", name, content) for content in body["content"].values())

    def examples(self) -> Iterator[Any]:
        """Every example of these, and of the parameters that all may use, with its schema."""
        for operation, name, content in self.contents():
            given = {title: example["value"] for title, example in content.get("examples", {}).items()}
            if "example" in content:
                given["the example"] = content["example"]
            for title, value in given.items():
                yield pytest.param(content["schema"], value, id=f"{operation} {name}: {title}")
        for name, parameter in self.raw["components"]["parameters"].items():
            if "example" in parameter:
                yield pytest.param(parameter["schema"], parameter["example"], id=name)

    def check(self, schema: dict[str, Any], value: Any) -> None:
        """Raises if the value does not fit."""
        whole = {**schema, "components": self.raw["components"]}
        jsonschema_rs.validator_for(whole, validate_formats=True).validate(value)

    def answered_objects(self) -> dict[str, dict[str, Any]]:
        """Every object of every answer, by where it is described."""
        answers = [content["schema"] for _, name, content in self.contents() if name != "body"]
        return dict(self._objects("", answers, set()))

    def _objects(self, place: str, part: Any, seen: set[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        if isinstance(part, list):
            for item in part:
                yield from self._objects(place, item, seen)
        if not isinstance(part, dict):
            return
        if "$ref" in part and (name := part["$ref"].rpartition("/")[2]) not in seen:
            seen.add(name)
            yield from self._objects(name, self.resolved(part), seen)
        if "object" in part.get("type", ()):
            yield place, part
        for name in ("properties", "patternProperties"):
            for member, schema in part.get(name, {}).items():
                yield from self._objects(f"{place}/{name}/{member}", schema, seen)
        for name in ("items", "oneOf", "anyOf", "additionalProperties"):
            yield from self._objects(f"{place}/{name}", part.get(name), seen)
