"""Measurements that the project's claims rest on; never run by the test command."""
