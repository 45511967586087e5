"""The JSONPath dialect of Spectral's `given`: parsed, compiled, matched in one traversal."""
