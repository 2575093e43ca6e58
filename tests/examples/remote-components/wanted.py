IMAGE = "nginx:1"
