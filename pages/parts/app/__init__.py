"""The frame around every page: navigation, current data set and run, formatting, glossary, errors."""
