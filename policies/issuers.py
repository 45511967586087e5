"""What a trusted issuer needs before a gateway may rely on it. Called by `compile`.

An issuer that could never vouch for anybody is a mistake, not an empty rule.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contracts import catalog
from contracts.errors import TreatyError
from contracts.problem import Detail
from policies.jwk import ALGORITHMS, UnusableKeyError, usable
from policies.snapshot import ContractPlan, IssuerPlan, Rule
from policies.weburl import trusted

_MAX_ISSUERS = 100
_MAX_KEYS = 100
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_SECRET = re.compile(r"[a-z][a-z0-9-]{0,63}")


@dataclass(frozen=True, slots=True)
class Issuers:
    """The issuers as gateways get them, and sentences about keys that were left out."""

    plans: tuple[IssuerPlan, ...]
    warnings: tuple[str, ...]


def checked(issuers: Iterable[IssuerPlan]) -> Issuers:
    """Return the issuers with their usable keys only, by name.

    Keys that no token can be verified with (RFC 7517 section 5) are left out with a warning.
    Raises `TreatyError` (invalid-issuer) for one without a way to its keys, an unknown algorithm,
    an address that is not https, or a name or identifier that stands twice.
    """
    plans = sorted(issuers, key=lambda plan: plan.name)
    if len(plans) > _MAX_ISSUERS:
        raise _refusal(plans[0], f"there are more than {_MAX_ISSUERS} issuers")
    _require_distinct(plans)
    warnings: list[str] = []
    kept = tuple(_checked(plan, warnings) for plan in plans)
    return Issuers(kept, tuple(warnings))


def require_known(contracts: Iterable[ContractPlan], issuers: Sequence[IssuerPlan]) -> None:
    """Raise `TreatyError` (invalid-policy) where a rule names an issuer that nobody registered.

    Also where several issuers would have to be asked about an opaque token: asking all of them
    would tell each about the tokens of the others.
    """
    asked = {plan.name for plan in issuers if plan.introspection is not None}
    known = {plan.name for plan in issuers}
    seen: set[tuple[str, int]] = set()
    for contract in contracts:
        for operation in contract.operations:
            for rule in operation.rules:
                place = (rule.source.file, rule.source.line)
                if rule.kind == "authenticate" and place not in seen:
                    seen.add(place)
                    _check_rule(rule, known, asked)


def _check_rule(rule: Rule, known: set[str], asked: set[str]) -> None:
    named = rule.settings.get("issuers")
    wanted = set(map(str, named)) if isinstance(named, list) else known
    if unknown := sorted(wanted - known):
        raise _in_rule(rule, f"the issuer {unknown[0]!r} is not registered")
    if len(several := sorted(wanted & asked)) > 1:
        raise _in_rule(
            rule,
            f"{' and '.join(several)} both introspect opaque tokens; name one of them in `issuers`",
        )


def _in_rule(rule: Rule, sentence: str) -> TreatyError:
    source = rule.source
    text = f"{source.file}:{source.line}: the policy {source.policy!r}: {sentence}"
    detail = Detail(sentence, "", source.file, source.line, 1)
    return TreatyError(catalog.INVALID_POLICY, text, errors=(detail,))


def _require_distinct(plans: Sequence[IssuerPlan]) -> None:
    names: set[str] = set()
    identifiers: dict[str, IssuerPlan] = {}
    for plan in plans:
        if plan.name in names:
            raise _refusal(plan, "the name stands twice")
        names.add(plan.name)
        other = identifiers.setdefault(plan.issuer, plan)
        if other is not plan:
            raise _refusal(plan, f"{other.name!r} has the same identifier (iss)")


def _checked(plan: IssuerPlan, warnings: list[str]) -> IssuerPlan:
    if not _NAME.fullmatch(plan.name):
        raise _refusal(plan, "a name like `our-idp` is expected")
    if not plan.issuer or not plan.audience:
        raise _refusal(plan, "`issuer` and `audience` must say something")
    if not plan.algorithms:
        raise _refusal(plan, "`algorithms` is empty")
    for name in plan.algorithms:
        if name not in ALGORITHMS:
            known = ", ".join(ALGORITHMS)
            raise _refusal(plan, f"{name[:40]!r} is no algorithm of ours; known: {known}")
    _check_addresses(plan)
    keys = _usable_keys(plan, warnings)
    if not keys and not (plan.jwks_uri or plan.discovery or plan.introspection):
        raise _refusal(
            plan, "it has no usable key, and no `jwks_uri`, `discovery` or `introspection`"
        )
    return plan.model_copy(update={"jwks": {"keys": keys} if keys else {}})


def _check_addresses(plan: IssuerPlan) -> None:
    places = {"jwks_uri": plan.jwks_uri, "discovery": plan.discovery}
    if plan.introspection is not None:
        places["introspection.endpoint"] = plan.introspection.endpoint
        if not _SECRET.fullmatch(plan.introspection.secret):
            raise _refusal(plan, "`introspection.secret` names a secret, like `erp-introspection`")
    for member, url in places.items():
        if url is not None and not trusted(url):
            raise _refusal(plan, f"`{member}` must be an https address (http on loopback only)")


def _usable_keys(plan: IssuerPlan, warnings: list[str]) -> list[object]:
    entries = plan.jwks.get("keys", []) if plan.jwks else []
    if not isinstance(entries, list) or len(entries) > _MAX_KEYS:
        raise _refusal(plan, f"`jwks.keys` must be a list of at most {_MAX_KEYS} keys")
    kept = []
    for index, entry in enumerate(entries):
        try:
            usable(entry, plan.algorithms)
        except UnusableKeyError as error:
            warnings.append(f"the issuer {plan.name}: key {index} is left out: {error}")
        else:
            kept.append(entry)
    return kept


def _refusal(plan: IssuerPlan, sentence: str) -> TreatyError:
    return TreatyError(catalog.INVALID_ISSUER, f"The issuer {plan.name[:80]!r}: {sentence}.")
