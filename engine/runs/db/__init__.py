"""The database: schema, queue, records, and every query and change."""
