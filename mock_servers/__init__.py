"""The test rig: mock Pipedrive and CleverTap servers and a local Zapier, assembled by `mock_servers.stack`."""
