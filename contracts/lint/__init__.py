"""Style rules on one document: rulesets in Spectral's format, one traversal, levels, a baseline."""
