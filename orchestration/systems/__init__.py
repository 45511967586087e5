"""Systems reached through their contracts: CRM, ERP, PSA, trackers. Used by flow steps."""
