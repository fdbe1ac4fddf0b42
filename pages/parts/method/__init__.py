"""The Method page: choosing a method and its settings."""
