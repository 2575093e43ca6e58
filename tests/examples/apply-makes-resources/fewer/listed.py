LETTERS = ["a", "b"]
