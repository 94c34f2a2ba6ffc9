"""lm-eval both ways: our splits as tasks of lm-eval, its tasks as splits of ours."""
