"""What a finished run says about its groups: records and their storage at once, the making of them on demand.

The names and where they live are in `__init__.pyi`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
