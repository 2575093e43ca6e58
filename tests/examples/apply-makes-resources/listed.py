LETTERS = ["a", "b", "c"]
