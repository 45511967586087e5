"""The systems that flows move the business through: CRM, ERP, PSA, tracker and service desk."""
