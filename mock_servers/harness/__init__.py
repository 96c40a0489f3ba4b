"""Tools for testing a connector: `scenarios` of what it asks, `cassettes` of what a service said, and the `contract`
that both sides must keep.
"""
