OWNER = "another team"
