"""What a file is: its format, its encoding, what is packed in it, and the reader it goes to."""
