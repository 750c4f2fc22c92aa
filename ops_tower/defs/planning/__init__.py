"""What is ahead: forecast, its record, capacity."""
