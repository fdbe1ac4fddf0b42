"""What sets the groups apart: differences, rules, prototypes, names."""
