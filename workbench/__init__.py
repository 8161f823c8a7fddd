"""The application without a window: registry, data, runs, records, export and command line."""

__version__ = "0.1.0"
