"""What columns mean: keys, labels, contact data, texts, codes that stand for blanks."""
