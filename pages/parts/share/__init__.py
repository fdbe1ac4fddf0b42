"""Sharing a result by link."""
