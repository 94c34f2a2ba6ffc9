"""Planning: how many prompts and samples it takes to see a difference, from a pilot run."""
