"""Tools for testing a connector: `cassettes` of what a service said, and the `contract` that both sides must keep."""
