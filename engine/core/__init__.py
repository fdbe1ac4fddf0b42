"""The contract that all methods share: cards, data and batches, methods and stages, snapshots, errors."""
