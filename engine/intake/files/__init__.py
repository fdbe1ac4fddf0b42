"""What a file is: its format, its encoding, what is packed in it."""
