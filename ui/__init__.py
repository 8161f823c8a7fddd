"""The window: shows and asks. Nothing numerical, never torch."""
