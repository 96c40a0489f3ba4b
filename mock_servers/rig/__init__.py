"""Machinery that every server stands on. It knows no vendor and no connector."""
