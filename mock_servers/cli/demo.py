"""`zaprig demo`: the guide from the first step to the last, with everything that arrived compared with the deal."""

import json
from collections.abc import Mapping
from typing import Any

import click
from rich.rule import Rule
from rich.text import Text

from ..config import Config
from ..rig.clock import stopwatch
from ..served import serve
from .guide import Guide, GuideError, compare_profile, object_id_of
from .showing import console, errors, rig_table, table
from .up import track

PERSON = {"name": "Lena Ortiz", "email": "lena.ortiz@example.com", "phone": "+44 20 7946 0958"}
DEAL = {
    "title": "Red bicycles for the harbour",
    "value": 5250.5,
    "currency": "EUR",
    "expected_close_date": "2027-03-31",
}
"""The deal that somebody makes while we look; everything else in the company is made by Faker."""


@click.command()
@click.option("--seed", type=int, default=1, show_default=True, help="Fixes chance: the same seed, the same company.")
@click.option(
    "--deals",
    type=click.IntRange(3, 100_000),
    default=25,
    show_default=True,
    help="How many deals the company starts with.",
)
def command(seed: int, deals: int) -> None:  # fmt: skip
    """Play CleverTap's guide "Pipedrive via Zapier" on live local servers, step by step.

    Starts a rig of its own on free ports, plays the three ready Zaps, reads the profile and the event back from
    the CleverTap server and compares them with the deal. Exits 0 only if all of it arrived.
    """
    started = stopwatch()
    console.print(Rule("CleverTap's guide: Pipedrive via Zapier", align="left"))
    try:
        with serve(Config(port=0, random_seed=seed, deals=deals), track=track) as served:
            rig = served.describe()
            story = Story(Guide(rig))
            story.play(rig)
    except GuideError as problem:
        errors.print(Text(f"The guide could not be played to its end: {problem}", style="bold red"))
        raise SystemExit(1) from None
    if story.misses:
        errors.print(Text(f"{story.misses} values did not arrive as they should.", style="bold red"))
        raise SystemExit(1)
    _say_goodbye(stopwatch() - started)


class Story:
    """Plays the steps, says what a person would see, and counts what did not arrive as it should."""

    def __init__(self, guide: Guide):
        self._guide = guide
        self.misses = 0
        self._object_id = ""

    def play(self, rig: Mapping[str, Any]) -> None:
        """The whole guide."""
        console.print(rig_table(rig))
        self._make_credentials(rig)
        new_deal = self._make_first_zap()
        moves = self._make_other_zaps()
        deal = self._see_new_deal(new_deal)
        self._see_moved_deal(deal, moves)

    def _make_credentials(self, rig: Mapping[str, Any]) -> None:
        self._step("1. CleverTap dashboard: create a passcode")
        made = self._guide.create_passcode()
        account = rig["clevertap"]
        self._say(f"Passcode “{made['name']}” was created; it is shown only now: {made['passcode']}")
        self._say(f"Account ID {account['account_id']}, region {account['region']}")

    def _make_first_zap(self) -> int:
        self._step("2. Zapier: + Create Zap · trigger Pipedrive, New Deal · sign in to Pipedrive")
        zap = self._guide.create_zap("new_deal_to_profile")
        self._say(f"Zap {zap['id']} “{zap['title']}” is a draft.")
        self._say(f"Signed in to Pipedrive as {self._guide.sign_in_to_pipedrive()}.")
        self._step("3. Test trigger · Continue with selected record")
        records = self._guide.test_trigger(zap["id"])
        rows = [(each["label"], *_columns(each["record"])) for each in records]
        console.print(table("", ("Record", "Deal", "Value", "Person", "E-mail", "Stage"), rows))
        chosen = records[-1]
        self._guide.select_record(zap["id"], chosen["id"])
        self._say(f"Continue with {chosen['label']}.")
        self._step("4. Action CleverTap, Create/Update User Profile · connect with Account ID, passcode, region")
        self._say(f"Connected and tested: {self._guide.connect_clevertap()}")
        self._step("5. Configure · 6. Test step")
        tested = self._guide.test_step(zap["id"])
        mapped = zap["steps"][0]["fields"]
        rows = [(key, mapped[key], value) for key, value in tested["data_in"].items()]
        console.print(table("", ("Field", "Mapped", "With the selected record"), rows))
        identity = chosen["record"]["person"]["email"]
        if self._guide.read_profile(identity) is None:
            raise GuideError(f"The test step said success, but CleverTap knows no profile {identity}.")
        self._say(f"The action really ran: CleverTap now knows {identity}.")
        self._step("6. Publish")
        self._publish(zap["id"])
        return int(zap["id"])

    def _make_other_zaps(self) -> list[int]:
        self._say("And the two others, which were ready in fixtures/zaps:")
        zaps = [self._guide.create_zap(name)["id"] for name in ("stage_to_profile", "stage_to_event")]
        for zap in zaps:
            self._publish(zap)
        return zaps

    def _publish(self, zap: int) -> None:
        published = self._guide.publish(zap)
        self._say(f"Zap {zap} “{published['title']}” is {published['state']}.")

    def _see_new_deal(self, zap: int) -> dict[str, Any]:
        self._step("7. A new deal becomes a profile")
        if self._guide.read_profile(PERSON["email"]) is not None:
            raise GuideError(f"CleverTap knew {PERSON['email']} before the deal was made.")
        deal = self._guide.add_deal(PERSON, DEAL)
        stage = self._guide.stages()[deal["stage_id"]]
        self._say(f"Deal {deal['id']} “{deal['title']}” of {PERSON['name']} was made in Pipedrive, in {stage}.")
        self._guide.settle()
        run = self._guide.newest_run(zap)
        self._say(f"Zap {zap} ran: {run['label']}.")
        self._step("8. CleverTap dashboard: the profile was created")
        profile = self._guide.read_profile(PERSON["email"])
        self._compare("Profile", compare_profile(profile, expected_profile(deal, stage)))
        self._object_id = object_id_of(profile)
        self._say(f"CleverTap gave it the ID {self._object_id}.")
        return deal

    def _see_moved_deal(self, deal: Mapping[str, Any], zaps: list[int]) -> None:
        self._step("7. The deal moves to another stage: the profile is updated, an event is uploaded")
        stages = self._guide.stages()
        order = list(stages)
        target = order[order.index(deal["stage_id"]) + 1]
        campaign = self._guide.add_campaign("Deal Stage Changed", stages[target])
        self._say(f"In CleverTap the campaign “{campaign['name']}” waits for such an event.")
        moved = self._guide.move_deal(deal["id"], target)
        self._say(f"Deal {deal['id']} moved from {stages[deal['stage_id']]} to {stages[target]}.")
        self._guide.settle()
        for zap in zaps:
            self._say(f"Zap {zap} ran: {self._guide.newest_run(zap)['label']}.")
        self._step("8. CleverTap dashboard: the same profile, updated, and its event")
        profile = self._guide.read_profile(PERSON["email"])
        self._compare("Profile", compare_profile(profile, expected_profile(moved, stages[target])))
        if object_id_of(profile) != self._object_id:
            raise GuideError("The stage change made another profile instead of updating the one that was there.")
        self._say(f"It is the same profile, {self._object_id}: updated, not made anew.")
        events = self._guide.read_events("Deal Stage Changed", PERSON["email"])
        self._compare("Event", [("how often", 1, len(events))])
        properties = events[0]["event_props"] if events else {}
        expected = expected_event(moved, stages[target])
        self._compare("Event", [(name, value, properties.get(name)) for name, value in expected.items()])
        self._see_campaign(expected)

    def _see_campaign(self, expected: Mapping[str, Any]) -> None:
        self._step("And the event set off the campaign")
        sent = self._guide.newest_dispatch()
        if sent["body"] is None:
            raise GuideError(f"The campaign sent nothing: {sent['reason']}.")
        [profile] = json.loads(sent["body"])["profiles"]
        told = {"E-mail": PERSON["email"], **expected}
        found = {"E-mail": profile["email"], **profile["event_properties"]}
        self._compare("Campaign", [(name, value, found.get(name)) for name, value in told.items()])

    def _compare(self, title: str, rows: list[tuple[str, Any, Any]]) -> None:
        shown = []
        for name, expected, found in rows:
            fits = found == expected
            self.misses += not fits
            shown.append((name, expected, found, "yes" if fits else "NO"))
        console.print(table("", (title, "In Pipedrive", "In CleverTap", "Fits"), shown))

    def _step(self, title: str) -> None:
        console.print()
        console.print(Text(title, style="bold"))

    def _say(self, sentence: str) -> None:
        console.print(Text(f"  {sentence}"))


def expected_profile(deal: Mapping[str, Any], stage: str) -> dict[str, Any]:
    """What the ready Zaps make of the deal and its person."""
    return {
        "Name": PERSON["name"],
        "Email": PERSON["email"],
        "Phone": PERSON["phone"].replace(" ", ""),
        "Deal Title": deal["title"],
        "Deal Value": deal["value"],
        "Deal Currency": deal["currency"],
        "Deal Stage": stage,
        "Expected Close Date": deal["expected_close_date"],
    }


def expected_event(deal: Mapping[str, Any], stage: str) -> dict[str, Any]:
    """What the ready Zap says about the move."""
    return {
        "Deal Id": deal["id"],
        "Deal Title": deal["title"],
        "Deal Value": deal["value"],
        "Deal Currency": deal["currency"],
        "Stage": stage,
        "Expected Close Date": deal["expected_close_date"],
    }


def _columns(record: Mapping[str, Any]) -> tuple[Any, ...]:
    person = record["person"] or {}
    money = f"{record['value']:,.2f} {record['currency']}"
    return record["title"], money, person.get("name"), person.get("email"), (record["stage"] or {}).get("name")


def _say_goodbye(seconds: float) -> None:
    console.print()
    console.print(Rule(f"The guide was played to its end in {seconds:.1f} s; all of it arrived.", align="left"))
    console.print(
        """
What to do next
  zaprig up                       the same three servers, for you to look at (http://127.0.0.1:8400)
  zaprig connect pipedrive        connect accounts, then make Zaps: zaprig zap --help
  zaprig zap create FILE          your own Zap; fixtures/zaps holds the three that were just played
  README.md                       a five-minute tour, and how to use it from your tests
After `make run` the command is .venv/bin/zaprig."""
    )
