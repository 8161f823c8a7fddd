"""The mathematics: torch, numpy and scipy. No files, no plots, no windows."""
