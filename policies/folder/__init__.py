"""A governed world as a folder of YAML files, fit for Git: what the registry would hold, as text."""
