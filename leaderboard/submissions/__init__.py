"""Submissions: runs as a results repository keeps them, checked before anybody reads their numbers."""
