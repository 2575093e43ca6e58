REGION = "explicit"
