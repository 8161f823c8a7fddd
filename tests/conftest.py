"""What every test needs before Qt and torch are imported."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Test processes run side by side; torch's own threads would only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["QT_API"] = "pyside6"
