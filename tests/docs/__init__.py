"""The documentation is true of the code."""
