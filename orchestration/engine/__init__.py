"""The durable engine behind one narrow door; nothing outside this folder knows which one it is."""
