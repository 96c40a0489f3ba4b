"""YAML from outside, read as nothing but data.

No tags, no aliases (a few lines of them can unfold into gigabytes), no duplicate keys, no dates and no infinite numbers
(they are no JSON), a size and a depth limit. JSON is read too, being YAML.
"""

import math
from typing import Any, cast

import yaml

LARGEST = 1024 * 1024
"""Bytes, unless the caller allows more."""

DEEPEST = 100
MOST_PARTS = 500_000
"""Texts, lists and objects in one document; a few megabytes of brackets would take minutes."""


class UnreadableYamlError(Exception):
    """Says what is wrong, and where as far as known."""


BINARY = "tag:yaml.org,2002:binary"
NOT_JSON = frozenset({"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:merge"})
"""What YAML makes of plain texts and JSON does not know."""


class _Loader(yaml.CSafeLoader):
    """The safe loader without timestamps, refusing duplicate keys."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag not in NOT_JSON]
        for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_yaml_float(self, node: yaml.ScalarNode) -> float:
        number = super().construct_yaml_float(node)
        if not math.isfinite(number):
            raise yaml.constructor.ConstructorError(None, None, f"{node.value} is no number in JSON", node.start_mark)
        return number

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str | int | float | bool | None):
                raise yaml.constructor.ConstructorError(None, None, "a key must be a plain text", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


_Loader.add_constructor("tag:yaml.org,2002:float", _Loader.construct_yaml_float)


def read_yaml(text: str | bytes, *, largest: int = LARGEST, with_bytes: bool = False) -> Any:
    """The document as plain values; `with_bytes` allows the tag `!!binary`. Raises `UnreadableYamlError`."""
    if len(text) > largest:
        message = f"it is larger than {largest // 1024} KiB"
        raise UnreadableYamlError(message)
    try:
        _look_through(text, frozenset({None, BINARY} if with_bytes else {None}))
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a subclass of the safe loader
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark
        where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise UnreadableYamlError(f"{problem.problem or problem.context}{where}") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as problem:
        raise UnreadableYamlError(str(problem).splitlines()[0]) from None


def _look_through(text: str | bytes, tags: frozenset[str | None]) -> None:
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=yaml.CSafeLoader)):
        if number > MOST_PARTS:
            raise _refused(f"it has more than {MOST_PARTS:,} parts", event)
        if isinstance(event, yaml.AliasEvent):
            raise _refused("aliases are not allowed", event)
        if getattr(event, "tag", None) not in tags:
            raise _refused("tags are not allowed", event)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise _refused("it is nested too deeply", event)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _refused(problem: str, event: yaml.Event) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=cast("yaml.Mark | None", event.start_mark))
