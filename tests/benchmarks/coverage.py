"""How often the 95% intervals cover the truth, for every metric and level, by simulation.

A world is a population of prompts, each with topic, length and temperature of its own, whose samples are drawn word by
word from a Zipf law; embeddings and NLI probabilities come from the words, so that the metrics which need a model move
as they do in earnest. From it runs of N prompts and K samples are drawn again and again; the truth is the mean of the
metric over many more of them. Run: python tests/benchmarks/coverage.py [--runs 1000] [--inputs 32 100]
"""
