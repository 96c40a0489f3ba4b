"""A mock CleverTap: uploads judged and stored as the real API does it, profiles read back, pages to look at them."""
