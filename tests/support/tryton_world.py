"""A real Tryton as a process: a copy of the prepared database, with a firm, its accounts and a consultant."""

import base64
import json
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import UTC, datetime

from newcomer import ROOT
from ports import free_port

sys.path.insert(0, str(ROOT / "deploy"))
import tryton  # the script that installed it knows where


def decimal(text):
    return {"__class__": "Decimal", "decimal": text}


def date(year, month, day):
    return {"__class__": "date", "year": year, "month": month, "day": day}


class Tryton:
    """The server on loopback, stopped by its own handle."""

    def __init__(self, folder):
        assert tryton.TEMPLATE.exists(), "python deploy/tryton.py installs it"
        folder.mkdir()
        shutil.copy(tryton.TEMPLATE, folder)
        self.folder, self.port = folder, free_port()
        self.base = f"http://127.0.0.1:{self.port}/{tryton.NAME}"
        (folder / "conf").write_text(tryton.config(folder, self.port))
        self.process, self._session, self.key = None, "", ""

    def start(self):
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [tryton.BIN / "trytond", "-c", self.folder / "conf", "-d", tryton.NAME],
                stdout=subprocess.DEVNULL, stderr=log,
            )  # fmt: skip
        until = time.monotonic() + 60
        while True:
            try:
                return self._login()
            except (urllib.error.URLError, ConnectionError):
                assert time.monotonic() < until, (self.folder / "log").read_text()[-2000:]
                time.sleep(0.1)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)

    def _sent(self, path, body, headers, method="POST"):
        request = urllib.request.Request(
            self.base + path, None if body is None else json.dumps(body).encode(),
            {"Content-Type": "application/json", **headers}, method=method,
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.loads(response.read() or b"null")

    def _login(self):
        given = ["admin", {"password": tryton.PASSWORD}, "en"]
        answer = self._sent("/rpc/", {"id": 0, "method": "common.db.login", "params": given}, {})
        uid, session = answer["result"][:2]
        pair = base64.b64encode(f"admin:{uid}:{session}".encode()).decode()
        self._session = f"Session {pair}"

    def call(self, method, *params, **context):
        body = {"id": 1, "method": method, "params": [*params, context]}
        answer = self._sent("/rpc/", body, {"Authorization": self._session})
        assert "error" not in answer, answer
        return answer["result"]

    def search(self, model, domain, limit=None):
        return self.call(f"model.{model}.search", domain, 0, limit, None)

    def create(self, model, values, **context):
        return self.call(f"model.{model}.create", [values], **context)[0]

    def find(self, model, domain, *fields):
        """Return records over the REST layer, as our contract reads them."""
        query = [
            ("d", base64.b64encode(json.dumps(domain).encode()).decode()),
            *(("f", f) for f in fields),
        ]
        headers = {"Authorization": f"Bearer {self.key}"}
        return self._sent(
            f"/rest/model/{model}?{urllib.parse.urlencode(query)}", None, headers, "GET"
        )

    def set_up(self):
        """Do what a bookkeeper does once: a company, its chart of accounts, a year, a product, a consultant."""
        self.call("model.res.user.write", [1], {"groups": [["add", self.search("res.group", [])]]})
        euro = self.create(
            "currency.currency",
            {
                "name": "Euro",
                "code": "EUR",
                "symbol": "€",
                "rounding": decimal("0.01"),
                "digits": 2,
            },
        )
        own = self.create("party.party", {"name": "Our Firm"})
        company = self.create("company.company", {"party": own, "currency": euro})
        self.call(
            "model.res.user.write", [1], {"companies": [["add", [company]]], "company": company}
        )
        self._accounts(company)
        self._year(company)
        hour = self.search("product.uom", [["symbol", "=", "h"]])[0]
        category = self.create("product.category", {
            "name": "Services", "accounting": True,
            "account_revenue": self._account(company, "revenue"),
            "account_expense": self._account(company, "expense"),
        }, company=company)  # fmt: skip
        self.create("product.template", {
            "name": "Consulting", "type": "service", "default_uom": hour, "list_price": decimal("150.00"),
            "account_category": category, "products": [["create", [{}]]],
        }, company=company)  # fmt: skip
        person = self.create("party.party", {"name": "Consultant One"})
        employee = self.create("company.employee", {"party": person, "company": company})
        self.call(
            "model.res.user.write", [1], {"employees": [["add", [employee]]], "employee": employee}
        )
        application = self.create("res.user.application", {"application": "rest", "user": 1})
        self.key = self.call("model.res.user.application.read", [application], ["key"])[0]["key"]

    def _account(self, company, kind):
        wanted = [["company", "=", company], ["closed", "!=", True], [f"type.{kind}", "=", True]]
        return self.search("account.account", wanted, 1)[0]

    def _accounts(self, company):
        template = self.search("account.account.template", [["parent", "=", None]])[0]
        wizard = "wizard.account.create_chart"
        session = self.call(f"{wizard}.create")[0]

        def step(state, **data):
            self.call(f"{wizard}.execute", session, data, state, company=company)

        step("start")
        step("create_account", account={"account_template": template, "company": company})
        step("create_properties", properties={
            "company": company, "account_receivable": self._account(company, "receivable"),
            "account_payable": self._account(company, "payable"),
        })  # fmt: skip
        self.call(f"{wizard}.delete", session)

    def _year(self, company):
        year = datetime.now(UTC).year

        def sequence(kind):
            found = self.search("ir.sequence.type", [["name", "=", kind]])[0]
            given = {"name": kind, "sequence_type": found, "company": company}
            return self.create("ir.sequence.strict", given, company=company)

        invoices = sequence("Invoice")
        names = ("in_invoice", "in_credit_note", "out_invoice", "out_credit_note")
        sequences = {f"{name}_sequence": invoices for name in names} | {"company": company}
        made = self.create("account.fiscalyear", {
            "name": str(year), "start_date": date(year, 1, 1), "end_date": date(year, 12, 31),
            "company": company, "move_sequence": sequence("Account Move"),
            "invoice_sequences": [["create", [sequences]]],
        }, company=company)  # fmt: skip
        self.call("model.account.fiscalyear.create_period", [made], company=company)
