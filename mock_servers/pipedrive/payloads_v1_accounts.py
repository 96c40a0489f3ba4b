"""What users, their settings and webhooks look like on the wire: v1 alone has them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from .companies import Caller, User
from .payloads import View, time_milliseconds
from .payloads_v1 import time_v1
from .webhooks import Subscription


def user_v1(user: User, caller: Caller, now: datetime) -> View:
    """Source: facts/pipedrive.md 1.6, 3.7 (documented)."""
    company = caller.company
    offset = now.astimezone(ZoneInfo(company.timezone)).strftime("%z")
    return {
        "id": user.id,
        "name": user.name,
        "default_currency": company.currency,
        "locale": "en_US",
        "lang": 1,
        "email": user.email,
        "phone": None,
        "activated": True,
        "last_login": time_v1(user.add_time),
        "created": time_v1(user.add_time),
        "modified": time_v1(user.add_time),
        "has_created_company": user.is_admin,
        "access": [
            {"app": app, "admin": user.is_admin, "permission_set_id": _permission_set(app, is_admin=user.is_admin)}
            for app in ("sales", "global")
        ],
        "active_flag": True,
        "timezone_name": company.timezone,
        "timezone_offset": f"{offset[:3]}:{offset[3:]}",
        "role_id": 1,
        "icon_url": None,
        "is_you": user.id == caller.user.id,
        "is_deleted": False,
    }


def _permission_set(app: str, *, is_admin: bool) -> str:
    number = 2 * ("sales", "global").index(app) + is_admin
    return f"3f0c1f5e-0000-4000-8000-{number:012}"


def own_user_v1(caller: Caller, now: datetime) -> View:
    """`/users/me`: the user with the company. Source: facts/pipedrive.md 1.6 (documented)."""
    company = caller.company
    return {
        **user_v1(caller.user, caller, now),
        "company_id": company.id,
        "company_name": company.name,
        "company_domain": company.domain,
        "company_country": company.country,
        "company_industry": "Software",
        "language": {"language_code": "en", "country_code": "US"},
    }


USER_SETTINGS = {
    "marketplace_team": False,
    "list_limit": 100,
    "beta_app": False,
    "prevent_salesphone_callto_override": False,
    "file_upload_destination": "s3",
    "callto_link_syntax": "callto:[number]",
    "autofill_deal_expected_close_date": True,
    "person_duplicate_condition": "name && (org_id || email || phone)",
}
"""A new account's settings. Source: facts/pipedrive.md 1.7 (documented keys, values of the example)."""


def webhook_v1(subscription: Subscription, company_id: int, subscription_url: str) -> View:
    """A subscription as it is managed. Source: facts/pipedrive.md 5.1 (documented)."""
    return {
        "id": subscription.id,
        "company_id": company_id,
        "owner_id": subscription.owner_id,
        "user_id": subscription.user_id,
        "event_action": subscription.event_action,
        "event_object": subscription.event_object,
        "subscription_url": subscription_url,
        "version": subscription.version,
        "is_active": 1,
        "add_time": time_milliseconds(subscription.add_time),
        "remove_time": None,
        "type": subscription.type,
        "http_auth_user": subscription.http_auth_user,
        "http_auth_password": subscription.http_auth_password,
        "remove_reason": None,
        "last_delivery_time": time_milliseconds(subscription.last_delivery_time),
        "last_http_status": subscription.last_http_status,
        "admin_id": subscription.owner_id,
        "name": subscription.name,
    }
