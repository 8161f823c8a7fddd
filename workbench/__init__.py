"""The application without a window: registry, data, runs, records, export and command line."""

import os
from pathlib import Path

__version__ = "0.1.0"


def default_workspace() -> Path:
    """Where records are kept unless another folder is named."""
    import platformdirs  # only when asked: the window must not wait for it

    return Path(platformdirs.user_documents_dir()) / "Methods Workbench"


def share_cores() -> None:
    """Let torch's idle threads sleep; to be called before torch is imported.

    They spin by default, and beside a busy window a run then takes several times as long.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
