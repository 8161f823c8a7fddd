"""Tools on pictures: measure, annotate, look back, compare."""
