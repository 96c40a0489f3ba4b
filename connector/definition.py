"""What an app is: Zapier's words as small frozen values.

An `App` is data plus a few functions. It knows how to talk to one product (CleverTap, Pipedrive) and
nothing about who runs it: the runtime hands in a `requests.Session` and a `Bundle`, and gets records or one
object back. Nothing here does I/O.

The words are those of Zapier's app schema: app, authentication, trigger, action (the schema says *create*),
input field, output field, sample, primary key, bundle.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import requests

FieldType = Literal["string", "text", "password"]
AuthenticationType = Literal["custom", "oauth2"]

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class InputField:
    """One line of a form: what a person types or maps."""

    key: str
    label: str
    help_text: str = ""
    type: FieldType = "string"
    required: bool = False
    default: str | None = None
    choices: Mapping[str, str] | None = None
    """Value to label. A custom or mapped value is allowed all the same, as in Zapier."""


@dataclass(frozen=True, slots=True)
class OutputField:
    """One value that a step gives to later steps; `key` nests with double underscores."""

    key: str
    label: str
    type: Literal["string", "number", "integer", "boolean", "datetime"] = "string"


@dataclass(frozen=True, slots=True)
class Meta:
    """Why a step is run."""

    is_loading_sample: bool = False
    """The editor's *Test trigger* or *Test step*."""
    is_populating_dedupe: bool = False
    """The first poll after *Publish*: it fills the list of what was seen and fires nothing."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a step is run with."""

    auth_data: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The connection's values, secrets included; kept out of `repr`."""
    input_data: Mapping[str, Any] = field(default_factory=dict)
    """The filled form. Blank values have been removed, so a key is either there with a value or absent."""
    cleaned_request: Any = None
    """The parsed body that a REST hook delivered; None elsewhere."""
    target_url: str | None = None
    """The Zap's own hook address; only while subscribing and unsubscribing."""
    subscribe_data: Mapping[str, Any] | None = None
    """What the app answered when the hook was subscribed; only while unsubscribing."""
    meta: Meta = Meta()


ListRecords = Callable[["requests.Session", Bundle], list[Record]]
PerformAction = Callable[["requests.Session", Bundle], Record]


@dataclass(frozen=True, slots=True)
class RestHook:
    """How a trigger is told of news instead of asking for it."""

    subscribe: Callable[["requests.Session", Bundle], Record]
    """Registers `bundle.target_url`; the answer is kept as `subscribe_data`."""
    unsubscribe: Callable[["requests.Session", Bundle], None]
    perform: ListRecords
    """Turns one delivery (`bundle.cleaned_request`) into records; an empty list means "not meant for us"."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """What starts a Zap."""

    key: str
    noun: str
    label: str
    description: str
    perform: ListRecords
    """Lists records, newest first: for polling, and for *Test trigger* of a hook."""
    sample: Record
    hook: RestHook | None = None
    primary: Sequence[str] = ("id",)
    """The fields that together tell one record from another when polling."""
    input_fields: Sequence[InputField] = ()
    output_fields: Sequence[OutputField] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """What a Zap does."""

    key: str
    noun: str
    label: str
    description: str
    input_fields: Sequence[InputField]
    perform: PerformAction
    sample: Record
    output_fields: Sequence[OutputField] = ()
    either_of: Sequence[Sequence[str]] = ()
    """Groups of field keys of which at least one must be mapped, e.g. `(("identity", "object_id"),)`."""


@dataclass(frozen=True, slots=True)
class OAuth2:
    """Sign-in by the browser (authorization code)."""

    client_id: str
    authorize_url: str
    get_access_token: Callable[["requests.Session", str, str], Record]
    """`(session, code, redirect_uri) -> auth data`."""
    refresh_access_token: PerformAction
    """`(session, bundle) -> auth data`, asked once when an access token is refused."""


@dataclass(frozen=True, slots=True)
class Authentication:
    """How a person connects an account of the app."""

    type: AuthenticationType
    test: PerformAction
    """Calls the product with the credentials and returns something to label the connection with."""
    connection_label: str
    """A template over auth data and the test's answer, e.g. `{{account_id}} ({{region}})`; never a secret."""
    fields: Sequence[InputField] = ()
    oauth2: OAuth2 | None = None


@dataclass(frozen=True, slots=True)
class App:
    """Triggers, actions and authentication of one product."""

    key: str
    title: str
    authentications: Sequence[Authentication]
    triggers: Sequence[Trigger] = ()
    actions: Sequence[Action] = ()

    def find_trigger(self, key: str) -> Trigger | None:
        """The trigger with this key, or None."""
        return next((trigger for trigger in self.triggers if trigger.key == key), None)

    def find_action(self, key: str) -> Action | None:
        """The action with this key, or None."""
        return next((action for action in self.actions if action.key == key), None)

    def find_authentication(self, type: AuthenticationType) -> Authentication | None:
        """The authentication of this type, or None."""
        return next((each for each in self.authentications if each.type == type), None)
