"""What CI jobs call; see docs/prefect.md."""
