"""Decide for me: combinations of features and methods, tried within a budget of time and judged without labels."""
