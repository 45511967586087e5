"""The contracts that ship as data."""
