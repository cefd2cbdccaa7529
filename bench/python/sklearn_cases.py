"""scikit-learn, as its users call it."""
from sklearn.preprocessing import StandardScaler


def standard_scaler(x):
    scaler = StandardScaler()
    return lambda: scaler.partial_fit(x).transform(x)
