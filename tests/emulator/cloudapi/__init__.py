"""The API Gateway product of the embedded cloud."""
