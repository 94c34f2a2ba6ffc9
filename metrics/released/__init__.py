"""The published code's arithmetic, defects and all: what `--profile as-released` computes."""
