"""Judging calls by the contract: schemas on their way to validators, parameters from text to values."""
