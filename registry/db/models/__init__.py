"""All tables, one file per aggregate."""
