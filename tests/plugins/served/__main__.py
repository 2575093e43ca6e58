"""The test provider as a plugin: the service of `tests/lifecycle`, kept in a file so that it outlives this process."""

import os
import sys

# This folder is on the path already: it is what the interpreter was told to run.
sys.path.insert(0, os.environ["TEST_LIFECYCLE"])

from reconciler.providers.serving import server

server.main("kept_service:KeptProvider")
