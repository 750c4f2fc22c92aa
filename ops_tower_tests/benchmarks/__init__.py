"""Measurements of speed and memory; `make bench` runs them and prints tables."""
