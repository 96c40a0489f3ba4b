"""A local Zapier: apps, connections, Zaps, triggers by hook and by polling, runs. It meets the others over HTTP."""
