"""A small firm's PSA data, the same on every machine: roles instead of names, example.com."""

from contracts.document import Json

_CLIENTS = ("Northwind Utilities", "Harbour Logistics", "Alpine Insurance", "Delta Foods")
_WORK = ("ledger migration", "tariff model", "claims portal", "warehouse roll-out")
_TERMS = ("fixed_fee", "time_and_materials", "retainer")
_STATUSES = ("active", "active", "planned", "active", "on_hold", "active", "active", "closed")
_GRADES = ("partner", "manager", "manager", "consultant", "consultant", "analyst")


def projects() -> dict[str, dict[str, Json]]:
    """Return the projects by id."""
    found: dict[str, dict[str, Json]] = {}
    for number, status in enumerate(_STATUSES, 1):
        lead = (number - 1) % 3 + 1
        fee = 40_000 + 17_500 * number
        cost = fee * (58 + number) // 100
        found[f"PRJ-{number:04}"] = {
            "project_id": f"PRJ-{number:04}",
            "name": f"{_CLIENTS[number % 4]}: {_WORK[(number * 3) % 4]}",
            "client": _CLIENTS[number % 4],
            "status": status,
            "start_date": f"2026-{number:02}-01",
            "end_date": f"2027-{number:02}-28",
            "currency": ("EUR", "GBP", "USD")[number % 3],
            "billing_terms": _TERMS[number % 3],
            "budget_fee": f"{fee}.00",
            "budget_cost": f"{cost}.00",
            "margin_percent": f"{(fee - cost) * 100 / fee:.1f}",
            "project_manager": {
                "name": f"Delivery Lead {lead}",
                "email": f"delivery.lead.{lead}@example.com",
            },
        }
    return found


def resources() -> dict[str, dict[str, Json]]:
    """Return the people who can be staffed, by id."""
    return {
        f"RES-{number:03}": {
            "resource_id": f"RES-{number:03}",
            "name": f"{grade.title()} {number}",
            "email": f"{grade}.{number}@example.com",
            "phone": f"+44 1632 9600{number:02}",
            "grade": grade,
            "home_office": ("Leeds", "Utrecht", "Graz")[number % 3],
            "currency": "EUR",
            "cost_rate": f"{140 - 15 * number}.00",
        }
        for number, grade in enumerate(_GRADES, 1)
    }


def time_entries() -> dict[str, dict[str, Json]]:
    """Return some booked time, by id."""
    return {
        f"TIM-{number:05}": {
            "entry_id": f"TIM-{number:05}",
            "project_id": f"PRJ-{(number % 8) + 1:04}",
            "resource_id": f"RES-{(number % 6) + 1:03}",
            "work_date": f"2026-09-{(number % 28) + 1:02}",
            "hours": ("7.50", "4.00", "6.25")[number % 3],
            "note": "Workshop and follow-up",
            "status": ("approved", "submitted", "draft")[number % 3],
            "cost_amount": f"{380 + number}.00",
        }
        for number in range(1, 25)
    }
