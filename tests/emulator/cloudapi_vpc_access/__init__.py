"""What a gateway calls behind a VPC: authorisations, the APIs that use them, egress."""
