"""Everything stored as files: artifacts, uploads, models, recordings, caches of what was read."""
