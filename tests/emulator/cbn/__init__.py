"""The CEN product of the embedded cloud."""
