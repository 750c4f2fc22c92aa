"""Equality with pm4py, the reference of process mining; skipped where it is not installed.

pm4py's licence (AGPL) keeps it out of the product. Install the dependency group `oracle` to run
these tests.
"""
