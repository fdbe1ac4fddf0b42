"""A result as files: labels, a copy of the user's table, folders of images, code."""
