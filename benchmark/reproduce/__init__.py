"""Reproducing Kirk et al. (2024): models trained, evaluated and held against the paper's claims, step by step."""
