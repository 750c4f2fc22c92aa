"""What to do, and the five answers in words."""
