"""Contracts: does what goes over the wire follow the vendors' OpenAPI documents?"""
