NAME = "a.txt"
CONTENT = "hello"
