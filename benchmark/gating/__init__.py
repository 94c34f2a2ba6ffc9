"""Gating: checks that a model release has to pass, from their wording to their outcome; the pytest plugin."""
