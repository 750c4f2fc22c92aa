"""Settings that hold for all tests of the analysis."""

from hypothesis import settings

# A busy machine is no fault of the code, so an example may take its time.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
