"""Treaty's gateway beside nginx, nginx + Lua and Envoy: `python -m benchmarks.gateway`."""
