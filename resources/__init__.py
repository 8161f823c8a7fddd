"""Icons, small data sets and pictures; no code."""
