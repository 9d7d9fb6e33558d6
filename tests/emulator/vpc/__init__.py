"""The VPC product of the embedded cloud."""
