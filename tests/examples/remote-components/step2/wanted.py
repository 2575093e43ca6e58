IMAGE = "nginx:2"
