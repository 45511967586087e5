"""Files in: watched folders, each file once, judged row by row, and answered. Used by the worker."""
