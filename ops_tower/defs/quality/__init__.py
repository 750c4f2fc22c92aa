"""What is unusual and what hurts: anomalies and drivers."""
