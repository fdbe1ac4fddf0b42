"""How good and how reliable a grouping is: metrics, baseline, certainty, stability, warnings."""
