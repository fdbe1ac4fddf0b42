from .api.catalogue import catalogue
from .api.estimator import Clusterer, load
from .api.loading import public_sets, read, samples
from .core.data import Data
from .core.errors import InputError
from .features import encoders
from .training.trainer import fit

__all__ = ["Clusterer", "Data", "InputError", "catalogue", "encoders", "fit", "load", "public_sets", "read", "samples"]
__version__: str
