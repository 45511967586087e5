"""Calls and answers that one version of a contract keeps its promise for and the other does not."""
