"""The audit of what the comparison sees: the object model of OpenAPI 3.1 by kinds of edit."""
