"""Where tickets come from: each source yields the six raw tables of `contract`."""
