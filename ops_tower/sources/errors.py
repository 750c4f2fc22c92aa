"""Errors that a person can mend: what is wrong and what to do, in one line."""


class SourceError(ValueError):
    """A source cannot be read, or holds nothing that can be used.

    Its message is one line, whatever the names are that it quotes from the source.
    """

    def __init__(self, message: str) -> None:
        """Keep `message`, its line breaks and runs of spaces as one space each."""
        super().__init__(" ".join(message.split()))
