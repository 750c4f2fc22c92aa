"""Tests of the sources and of admission."""
