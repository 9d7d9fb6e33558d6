"""What people read: plan tables, pictures, call results, in a terminal and as markdown."""
