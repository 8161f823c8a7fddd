"""One pane of the main window per file."""
