"""The generic mock: answers any OpenAPI contract from its examples and schemas."""
