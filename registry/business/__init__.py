"""What finance and delivery leads ask: figures over facts, runs and exceptions, with their records."""
