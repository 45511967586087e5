"""Decides questions about the texts that ECMAScript regular expressions accept."""
