"""The Trust tab of the Results page."""
