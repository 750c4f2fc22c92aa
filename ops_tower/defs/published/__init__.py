"""What readers see: one file per run."""
