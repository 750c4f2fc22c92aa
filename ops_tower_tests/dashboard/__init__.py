"""Tests of the dashboard, on a tiny published desk: logic with AppTest, the rest in a browser."""
