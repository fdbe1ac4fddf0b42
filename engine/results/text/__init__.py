"""Sentences about data."""
