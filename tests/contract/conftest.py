"""The same cases in every run, whatever the order of the tests.

Hypothesis takes constants from the code of ours that is imported so far. What is imported late would change the cases
of whoever comes after: so all of it is imported before the first test.
"""

import importlib
import pkgutil

import connector
import mock_servers

ACT_WHEN_IMPORTED = ("mock_servers.cli.__main__", "mock_servers.harness.contract.hooks")

for package in (connector, mock_servers):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if module.name not in ACT_WHEN_IMPORTED:
            importlib.import_module(module.name)
