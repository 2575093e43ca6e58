"""What statements do: definitions, grants, data, stages."""
