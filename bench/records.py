"""A thousand upload records as the ready Zaps make them, half profiles, half events, and a plain check of them."""

import json
import re
from itertools import count
from typing import Any

_numbers = count()


def new_body(records: int = 1000) -> bytes:
    """An upload of people nobody knows yet, a profile and an event of each."""
    uploaded = []
    for number in (next(_numbers) for _ in range(records // 2)):
        email = f"ada.moreau.{number}@example.com"
        title = f"Red bicycle {number}"
        profile = {
            "Name": f"Ada Moreau {number}",
            "Email": email,
            "Phone": f"+44207{number % 10_000_000:07d}",
            "Deal Title": title,
            "Deal Value": 1200.5,
            "Deal Currency": "EUR",
            "Deal Stage": "Qualified",
            "Expected Close Date": "2026-12-24",
        }
        event = {
            "Deal Id": number,
            "Deal Title": title,
            "Deal Value": 1200.5,
            "Deal Currency": "EUR",
            "Stage": "Negotiations Started",
            "Pipeline": "Pipeline",
            "Expected Close Date": "2026-12-24",
        }
        ts = 1_700_000_000 + number
        uploaded.append({"type": "profile", "identity": email, "ts": ts, "profileData": profile})
        uploaded.append(
            {"type": "event", "identity": email, "ts": ts, "evtName": "Deal Stage Changed", "evtData": event}
        )
    return json.dumps({"d": uploaded}).encode()


EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
PHONE = re.compile(r"\+[1-9][0-9]{6,14}")


def check_all(body: bytes) -> dict[str, Any]:
    """What a plain mock does: parse, and look at type, identity, ts, evtName, Email and Phone of each record."""
    records = json.loads(body)["d"]
    unprocessed = []
    for number, record in enumerate(records, start=1):
        code = check(record)
        if code is not None:
            unprocessed.append({"status": "fail", "code": code, "error": f"Record {number}", "record": record})
    processed = len(records) - len(unprocessed)
    status = "success" if not unprocessed else "partial" if processed else "fail"
    return {"status": status, "processed": processed, "unprocessed": unprocessed}


def check(record: dict[str, Any]) -> int | None:
    """The code for one record, or None."""
    kind = record.get("type")
    if kind not in ("profile", "event"):
        return 524
    if not any(record.get(name) for name in ("identity", "objectId", "FBID", "GPID")):
        return 523
    ts = record.get("ts")
    if ts is not None and not (isinstance(ts, int) and ts > 0):
        return 525
    if kind == "event":
        name = record.get("evtName")
        return None if isinstance(name, str) and name.strip() else 509
    data = record.get("profileData") or {}
    email, phone = data.get("Email"), data.get("Phone")
    if email is not None and not (isinstance(email, str) and EMAIL.fullmatch(email)):
        return 515
    if phone is not None and not (isinstance(phone, str) and PHONE.fullmatch(phone)):
        return 516
    return None
