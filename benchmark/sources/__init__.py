"""Sources answer prompts: a vLLM server of our own, a server that is already up, a model in this process, a script."""
