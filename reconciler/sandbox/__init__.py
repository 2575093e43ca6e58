"""In-process services that stand for the real ones on a laptop."""
