"""What reads texts for the metrics that need a model: each text and pair once, kept on disk."""
