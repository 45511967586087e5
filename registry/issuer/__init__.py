"""The OAuth 2 token issuer."""
