"""The flows: a module per scenario or operation. What happens, in which order, waiting for what; nothing else."""
