"""What can be asked of a finished run: evaluations, exports, layouts, predictions."""
