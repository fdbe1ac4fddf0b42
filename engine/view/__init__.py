"""Results as pictures: the palette, plotly figures, thumbnails, the report; figures take theme="light" or "dark".

plotly, Pillow and Jinja are imported on first use. The names and where they live are in `__init__.pyi`.
"""

import lazy_loader

# Imported at once: the function has the name of its module, which any import of a sibling would otherwise put in its place.
from engine.view.palette import palette as palette

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
