"""What a user writes, and what is said when it is wrong."""
