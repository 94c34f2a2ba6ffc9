"""Leaderboard: runs in, what people read out."""
