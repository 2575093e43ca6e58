"""The service that survives, as a plugin process: an engine attaches to it, dies, and another attaches."""

import os
import sys

# This folder is on the path already: it is what the interpreter was told to run.
sys.path.insert(0, os.environ["TEST_LIFECYCLE"])

from reconciler.providers.serving import server

server.main("durable:DurableProvider")
