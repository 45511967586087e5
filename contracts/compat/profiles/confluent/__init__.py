"""The rules by which Confluent Schema Registry compares two JSON Schemas."""
