"""The one error a user is meant to read."""


class InputError(ValueError):
    """Something the user gave cannot be used; the message says what, where and what to do, in a sentence or two.

    Examples
    --------
    >>> import engine
    >>> try:
    ...     engine.Clusterer("kmeans", n_clusters=9).fit([[0.0], [1.0], [9.0]])
    ... except engine.InputError as error:
    ...     print(error)
    9 groups cannot be made of 3 rows (n_samples=3).
    """
