"""The Data page: upload, what arrived, how it is prepared."""
