"""Data centres, the Basic edition, routing policies and grants on the CEN of the embedded cloud."""
