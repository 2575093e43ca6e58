NAME = "b.txt"
CONTENT = "hello, world"
