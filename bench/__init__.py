"""Benchmarks: how much dearer than plain Flask is what zaprig does? `make bench` runs them; no test does.

Only ratios mean something, and only those of one run: both sides take turns on the same machine in the same
minute, with bytecode compiled, and the medians are compared.
"""
