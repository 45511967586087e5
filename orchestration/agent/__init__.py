"""The hybrid agent: it runs beside a system on premises, dials out, and calls it for the worker."""
