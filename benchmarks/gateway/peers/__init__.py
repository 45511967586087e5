"""The gateways Treaty is measured against, each with the configuration we wrote for it."""
