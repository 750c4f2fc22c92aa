"""Ops Tower: a control tower for customer support."""
