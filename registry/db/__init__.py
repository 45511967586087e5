"""The tables of the product and the engine that reaches them."""
