"""From what was read to what a method takes: what is decided once, and done again to new data."""
