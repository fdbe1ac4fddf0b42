"""A result as plain records, and how they are stored."""
