"""Slips that somebody could make in the mock CleverTap, each of which its tests must find."""

import pytest

from tests.mutants.planting import Mutant

pytestmark = pytest.mark.slow


def _mutant(what: str, file: str, text: str, replacement: str, *found_by: str) -> Mutant:
    tests = tuple(f"tests/clevertap/test_{name}.py" for name in found_by)
    return Mutant(what, f"mock_servers/clevertap/{file}.py", text, replacement, tests)


MUTANTS = [
    # Answers
    _mutant("an upload's answer has no processed", "payloads",
        '"processed": batch.processed, ', "",
        "upload"),
    _mutant("a record without identity gets the code of a wrong object id", "problems",
        "    523,", "    526,",
        "records"),
    _mutant("partly refused is a success", "batches",
        '"partial" if self.processed', '"success" if self.processed',
        "upload"),
    # Uploads
    _mutant("a dry run stores", "uploads",
        "if not dry_run:", "if batch.records:",
        "upload"),
    _mutant("1001 records in normal form are taken", "batches",
        "max_length=MOST_RECORDS)", "max_length=MOST_RECORDS + 1)",
        "upload"),
    _mutant("1001 records are taken if one is odd", "batches",
        "len(sent) > MOST_RECORDS", "len(sent) > MOST_RECORDS + 1",
        "section_9"),
    _mutant("one call more than allowed is let in", "limits",
        ">= most", "> most",
        "section_9"),
    _mutant("a sixteenth upload at once is allowed", "settings",
        "upload_concurrency: Count = 15", "upload_concurrency: Count = 16",
        "settings"),
    _mutant("a text is cut in the middle of a character", "texts",
        '"utf-8", "ignore"', '"utf-8", "replace"',
        "texts"),
    _mutant("$remove leaves an empty list", "operators",
        "if changed is None or changed == []:", "if changed is None:",
        "operators"),
    # Who is who
    _mutant("upper and lower case are one identity", "identity",
        "text = value.strip()", "text = value.strip().lower()",
        "identity"),
    _mutant("an e-mail is looked up letter by letter", "identity",
        "address.strip().lower()", "address.strip()",
        "profile_json"),
    _mutant("an absorbed profile loses its events", "directory",
        "event_storage.move_events(self._connection, anonymous.id, profile.id)",
        "event_storage.remove_events(self._connection, anonymous.id)",
        "linking"),
    _mutant("deleting deletes nobody", "people",
        "directory.remove(profile)", "directory.change(profile)",
        "people"),
    _mutant("who is deleted leaves events behind", "directory",
        "event_storage.remove_events(self._connection, profile.id)", "pass",
        "people"),
    _mutant("who is demerged keeps the identities", "people",
        "keys=(Key(OBJECT_ID_KIND, object_id),)", "keys=profile.keys",
        "people"),
    _mutant("who absorbs a user that was reached is reached again", "directory",
        "campaign_storage.move_reached(self._connection, anonymous.id, profile.id)", "pass",
        "found_by_mutants"),
    _mutant("after a reset addresses stay unsubscribed", "storage",
        '"blocked_address", ', "",
        "found_by_mutants"),
    # Credentials
    _mutant("an account opens in every region", "emulator",
        "if account is None or region not in {None, account.region}:", "if account is None:",
        "access"),
    _mutant("every passcode opens", "emulator",
        "if not any(hmac.compare_digest(sent, digest) for digest in digests):", "if not digests:",
        "access"),
    _mutant("a revoked passcode opens", "storage",
        " AND revoked_at IS NULL", "",
        "accounts"),
    # Exports and counts
    _mutant("a cursor repeats an event", "event_storage",
        "(ts, id) > (?, ?)", "(ts, id) >= (?, ?)",
        "events_json"),
    _mutant("a cursor repeats a user", "exporting",
        "else after[1]", "else after[1] - 1",
        "profiles_json"),
    _mutant("the last page has a next_cursor", "exporting",
        "return page, None", "return page, last",
        "events_json"),
    _mutant("a page has a cursor", "payloads",
        '{"next_cursor": write_cursor(rest)}', '{"cursor": write_cursor(rest), "next_cursor": write_cursor(rest)}',
        "events_json"),
    _mutant("a count heeds no filter", "exporting",
        "if search.name is not None and not search.looks_at_each:", "if search.name is not None:",
        "counts"),
    # Campaigns
    _mutant("an event as old as the window starts nothing", "campaigns",
        "age > OLDEST", "age >= OLDEST",
        "campaigns"),
    _mutant("an event of last week starts a campaign", "campaigns",
        "OLDEST_SECONDS = 7_200", "OLDEST_SECONDS = 720_000",
        "campaigns"),
    _mutant("a webhook is tried for ever", "campaigning",
        "elif job.attempt > account.settings.webhook_retries:", "elif job.attempt < 0:",
        "campaigning"),
    _mutant("a webhook is tried again too soon", "campaigns",
        "RETRY_AFTER = timedelta(seconds=60)", "RETRY_AFTER = timedelta(seconds=6)",
        "found_by_mutants"),
]  # fmt: skip


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.what)
def test_the_suite_finds_a_slip(trials, mutant):
    """One change of the server that makes it wrong, and a test of the suite fails."""
    run = trials.of(mutant)

    assert run.found_something, run.output


def test_without_a_slip_the_suite_is_content(trials):
    """The copy into which mutants are planted is sound: the same test files pass in it."""
    files = dict.fromkeys(file for mutant in MUTANTS for file in mutant.found_by)

    run = trials.without_mutant(tuple(files))

    assert run.is_clean, run.output
