"""HTTP resources, thin over the services."""
