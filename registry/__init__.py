"""The control plane: catalog, contracts, grants, policies, issuer, and the command line."""
