"""How the flows are run by others: deployments, automations, CI, servers for a team."""
