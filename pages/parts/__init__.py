"""The building blocks of the pages: each is a module with `show(...)`, and each hides its own session state."""
