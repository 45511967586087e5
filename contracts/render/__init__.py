"""Reports as text, JSON or Markdown."""
