"""The contracts of the compatibility cases, for the tests of their witnesses."""

import importlib.util
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location(
    "compat_cases", Path(__file__).parents[1] / "compat" / "conftest.py"
)
_COMPAT = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_COMPAT)


@pytest.fixture(scope="session")
def on():
    return _COMPAT.ON


@pytest.fixture(scope="session")
def sides():
    def read(case):
        return tuple(
            _COMPAT.contract(case["as"], case[side], openapi=case.get("openapi"))
            for side in ("old", "new")
        )

    return read
