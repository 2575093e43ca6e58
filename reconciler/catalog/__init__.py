"""What kinds exist and the facts about each; pure data."""
