"""Where the table is in a file: its delimiter, its header, its first and last row, its sheet."""
