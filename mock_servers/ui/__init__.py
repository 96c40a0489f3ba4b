"""What all pages look like: one base template and one style sheet, no third-party files, no build step.

A service's page begins with `{% extends "rig.html" %}` and fills the blocks `title`, `heading` and `content`
(also there: `nav`, `head` and `scripts`). The base template needs one variable, `server_name` (CleverTap, Pipedrive
or Zapier), which `add_templates` provides. The style knows `table`, `.badge` (with `success`, `error`, `warning`),
`.card`, `.empty`, `dl.facts`, `nav a[aria-current]`, `form` with `button` and `button.primary`, `pre` and `code`.

A table stands in a `div.scroll`, so that it scrolls there and not the page. Its cells break between words only; what
people type gets `td.text`, or `td.long` where much is expected, and may break anywhere. Numbers (`td.number`), times
and whatever has `.nowrap`, such as ids, never break.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

_FOLDER = Path(__file__).parent

TEMPLATES = _FOLDER / "templates"
STATIC = _FOLDER / "static"


def add_templates(app: "Flask", server_name: str) -> None:
    """Let the app find the shared templates after its own, and know under which name it shows itself.

    The style sheet is included in the page by the base template, so no route serves it.
    """
    from jinja2 import ChoiceLoader, FileSystemLoader

    own = app.jinja_loader
    shared = FileSystemLoader([TEMPLATES, STATIC])
    app.jinja_loader = ChoiceLoader([own, shared] if own is not None else [shared])
    app.jinja_env.globals["server_name"] = server_name
