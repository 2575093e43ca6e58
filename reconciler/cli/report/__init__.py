"""What a run does, told to a reader outside the terminal: pull requests, code scanners, test reports."""
