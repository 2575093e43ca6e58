NAME = "a.txt"
CONTENT = "hello, world"
