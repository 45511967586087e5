"""Text to model: YAML and JSON with positions, OpenAPI, Swagger and JSON Schema."""
