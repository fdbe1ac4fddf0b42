"""Pictures, sounds, series, arrays and vectors."""
