"""The embedded cloud, asked through the official SDKs."""
