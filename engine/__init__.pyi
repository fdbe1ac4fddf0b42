from .api.catalogue import catalogue
from .api.estimator import Clusterer, load
from .api.loading import read, samples
from .core.data import Data
from .core.errors import InputError
from .training.trainer import fit

__all__ = ["Clusterer", "Data", "InputError", "catalogue", "fit", "load", "read", "samples"]
__version__: str
