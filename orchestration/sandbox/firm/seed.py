"""What the firm's systems hold at first: deals, accounts, contracts, time; the same on every machine."""

from orchestration.sandbox.firm.store import Record, Store

_CLIENTS = (
    "Northwind Utilities",
    "Harbour Logistics",
    "Alpine Insurance",
    "Delta Foods",
    "Cobalt Rail",
)
_WORK = (
    "ledger migration",
    "tariff model",
    "claims portal",
    "warehouse roll-out",
    "asset register",
)
_METHODS = ("milestone", "time_and_materials", "milestone", "time_and_materials", "fixed_fee")
DEALS = 12
_CITIES = (("Leeds", "LS1 4AP", "GB"), ("Utrecht", "3511", "NL"), ("Graz", "8010", "AT"))


def key(kind: str, number: int) -> str:
    """Return a CRM record id: the object's prefix and a number, as the vendor writes them."""
    prefix = {"Account": "001", "Opportunity": "006", "Contract": "800", "Milestone": "a01"}
    return f"{prefix.get(kind, 'a02')}{number:012}AAA"


def fill(store: Store) -> None:
    """Fill an empty store."""
    if store.count("crm", "Opportunity"):
        return
    with store.change():
        for number in range(1, DEALS + 1):
            _deal(store, number)


def _deal(store: Store, number: int) -> None:
    client = _CLIENTS[number % 5]
    city, postal, country = _CITIES[number % 3]
    value = 60_000 + 17_500 * number
    account, contract = key("Account", number), key("Contract", number)
    store.put("crm", "Account", account, {
        "Id": account, "Name": f"{client} {number}", "Legal_Name__c": f"{client} {number} Ltd",
        # One account lacks what the ERP asks for: the newcomer meets an exception.
        "Tax_Id__c": None if number == DEALS else f"{country}{100_000_000 + number}",
        "BillingStreet": f"{number} Station Road", "BillingCity": city,
        "BillingPostalCode": postal, "BillingCountryCode": country,
    })  # fmt: skip
    store.put("crm", "Contract", contract, {
        "Id": contract, "ContractNumber": f"C-2026-{number:03}", "AccountId": account,
        "Status": "Activated", "StartDate": "2026-02-01", "EndDate": "2026-12-31",
        "Billing_Method__c": _METHODS[number % 5], "Total_Value__c": float(value),
        "Budget_Hours__c": float(value // 120),
    })  # fmt: skip
    for index, share in enumerate((30, 30, 40), 1):
        milestone = key("Milestone", number * 10 + index)
        store.put("crm", "Milestone", milestone, {
            "Id": milestone, "Contract__c": contract, "Name": ("Design", "Build", "Go-live")[index - 1],
            "Due_Date__c": f"2026-{3 * index + 1:02}-15", "Amount__c": value * share / 100,
        })  # fmt: skip
    store.put("crm", "Opportunity", key("Opportunity", number), _opportunity(number, client, value))


def _opportunity(number: int, client: str, value: int) -> Record:
    return {
        "Id": key("Opportunity", number), "Name": f"{client}: {_WORK[number % 5]}",
        "AccountId": key("Account", number), "ContractId": key("Contract", number),
        "StageName": "Negotiation", "Amount": float(value), "CurrencyIsoCode": "EUR",
        "CloseDate": "2026-01-31", "LastModifiedDate": "2026-01-15T09:00:00Z",
        "Project_Id__c": None,
    }  # fmt: skip
