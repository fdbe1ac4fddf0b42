"""The worker process and the module that does each kind of job."""
