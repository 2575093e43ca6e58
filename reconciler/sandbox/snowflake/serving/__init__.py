"""The service as clients reach it: statements carried out, over HTTP."""
