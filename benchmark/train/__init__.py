"""Trainers: one readable file each, over rooms that they share; they know checkpoint folders only."""
