"""The panel beside the map of a result: all groups, one group, one member, a selection."""
