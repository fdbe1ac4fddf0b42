"""Components of our own with JavaScript: map, curves, charts, matrix, member wall."""
