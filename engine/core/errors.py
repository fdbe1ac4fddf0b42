"""The one error a user is meant to read."""


class InputError(ValueError):
    """Something the user gave cannot be used; the message says what, where and what to do, in a sentence or two."""
