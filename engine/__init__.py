"""Constella's engine: clustering methods from k-means to deep clustering behind one small interface.

    import engine
    groups = engine.Clusterer("idec", n_clusters=10, random_state=0).fit_predict(X)

Everything is imported on first use, so that asking for the catalogue does not load torch. The names and where they live are in
`__init__.pyi`, which type checkers read too.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__version__ = "0.1.0"
