"""What cells say: numbers, dates, durations and words, by the conventions of the whole file."""
