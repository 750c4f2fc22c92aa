"""Tests of Ops Tower, laid out like the package."""
