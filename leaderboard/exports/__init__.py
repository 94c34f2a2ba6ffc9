"""Runs in the formats of other places: a file for each."""
