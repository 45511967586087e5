"""`oasOpFormDataConsumeCheck`: form data needs a media type that can carry it (Swagger 2.0)."""

import re
from collections.abc import Iterator, Mapping

from contracts.document import Json
from contracts.lint.function import Context, Result
from contracts.lint.oas.operations import items, member

_FORM = re.compile(r"application/x-www-form-urlencoded|multipart/form-data")


def oas_op_form_data_consume_check(
    value: Json, _: Mapping[str, Json], __: Context
) -> Iterator[Result]:
    """Demand that an operation with form data consumes a form."""
    sends = any(member(each, "in") == "formData" for each in items(member(value, "parameters")))
    if sends and not _FORM.search(",".join(str(each) for each in items(member(value, "consumes")))):
        yield Result("Consumes must include urlencoded, multipart, or form-data media type.")
