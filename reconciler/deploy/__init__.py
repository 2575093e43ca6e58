"""Effects: carries decisions out."""
