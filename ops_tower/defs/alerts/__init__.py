"""What is about to breach."""
