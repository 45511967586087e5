"""Runs in our own tables: events in, legs out, exceptions for people. Used by the worker."""
