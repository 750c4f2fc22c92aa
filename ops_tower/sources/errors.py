"""Errors that a person can mend: what is wrong and what to do, in one line."""


class SourceError(ValueError):
    """A source cannot be read, or holds nothing that can be used."""
