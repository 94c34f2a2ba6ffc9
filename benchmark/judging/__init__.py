"""Judging: a language model says which of two answers is better; how often it can be trusted is said beside it."""
