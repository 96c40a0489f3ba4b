"""The mock Pipedrive: API v1 and v2, OAuth, webhooks and a page to look at the deals."""
