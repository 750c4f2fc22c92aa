"""Tests of the Dagster graph and its resources."""
