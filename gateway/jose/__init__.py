"""JSON Web Signatures, strictly: text to parts, keys, algorithms. Called by tokens and proofs."""
