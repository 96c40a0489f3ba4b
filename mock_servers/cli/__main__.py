"""`python -m mock_servers.cli`."""

from . import main

main()
