"""NumPy, as one writes it."""
import numpy


def z_score(x):
    eps = x.dtype.type(1e-5)
    return lambda: (x - x.mean(axis=0)) / numpy.sqrt(x.var(axis=0) + eps)
