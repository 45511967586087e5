"""The rules by which Apicurio Registry (v3) compares two JSON Schemas."""
