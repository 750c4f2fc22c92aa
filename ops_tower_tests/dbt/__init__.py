"""Tests of the dbt project: what its SQL says, against slow and plain Python."""
