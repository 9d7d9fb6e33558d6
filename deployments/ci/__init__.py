"""What CI jobs call; see README.md."""
