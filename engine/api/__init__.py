"""What programs use: the catalogue of methods, the scikit-learn estimator, loading data."""
