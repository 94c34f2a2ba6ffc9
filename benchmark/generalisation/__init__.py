"""Generalisation: what a model loses out of distribution, and how far out that is."""
