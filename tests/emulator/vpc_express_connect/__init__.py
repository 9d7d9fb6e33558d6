"""Express Connect in the VPC product of the embedded cloud."""
