"""What every provider promises."""
