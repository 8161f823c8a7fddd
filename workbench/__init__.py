"""The application without a window: registry, data, runs, records, export and command line."""

from pathlib import Path

__version__ = "0.1.0"


def default_workspace() -> Path:
    """Where records are kept unless another folder is named."""
    import platformdirs  # only when asked: the window must not wait for it

    return Path(platformdirs.user_documents_dir()) / "Methods Workbench"
