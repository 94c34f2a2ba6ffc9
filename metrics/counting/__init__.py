"""What counts n-grams for the metrics made of them: texts to tokens to whole numbers."""
