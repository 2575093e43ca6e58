REGION = "moved"
