"""Tools for testing a connector against what the services said, live or recorded."""
