"""Rewards: models that score an answer to a prompt, the grades they give to runs, and the best of N by them."""
