"""What Dagster knows: one folder per group of assets, one box each in the graph."""
