"""Policy documents, their kinds, and the compiler from contracts to a gateway snapshot."""
