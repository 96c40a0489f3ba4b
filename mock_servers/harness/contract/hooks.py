"""For `schemathesis run` in a shell: says of the cases what our documents cannot say, whichever is loaded.

`fixtures/schemathesis.toml` names this module, and schemathesis imports it. `zaprig contract` does not need it, because
`fuzz` is handed what prepares the cases of its one server.
"""

from typing import TYPE_CHECKING, Any

from . import clevertap_cases, pipedrive_cases
from .targets import adjust_cases

if TYPE_CHECKING:
    from schemathesis.schemas import BaseSchema

PREPARE = {cases.TITLE: cases.prepare for cases in (clevertap_cases, pipedrive_cases)}


def register() -> None:
    """Wait for one of our documents to be loaded; then ask its server and adjust its cases."""
    import schemathesis

    def after_load_schema(context: Any, schema: "BaseSchema") -> None:
        prepare = PREPARE.get(schema.raw_schema["info"]["title"])
        if prepare is not None:
            adjust_cases(schema, prepare(schema))

    schemathesis.hook(after_load_schema)


register()
