"""HTML elements as text that is escaped unless it was made here; used by the HTML forms."""

from contracts.render.escaping import xml

_VOID = frozenset(["meta", "br", "hr"])

STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--dim:#57606a;--paper:#fff;--line:#d0d7de;
--soft:#f6f8fa;--error:#b42318;--warning:#8a5a00;--info:#0b5cad;--good:#1a7f37}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--dim:#9aa4af;--paper:#0d1117;
--line:#30363d;--soft:#161b22;--error:#ff8a80;--warning:#e3b341;--info:#79b8ff;--good:#56d364}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.5rem 1rem 4rem;max-width:64rem;background:var(--paper);
color:var(--ink);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .25rem}
h2{font-size:1.1rem;margin:2.25rem 0 .5rem;border-bottom:1px solid var(--line);
padding-bottom:.25rem}
h3{font-size:1rem;margin:1.25rem 0 .25rem}
p{margin:.35rem 0}
ul{margin:.35rem 0;padding-left:1.25rem}
.dim{color:var(--dim)}
.numbers{display:flex;flex-wrap:wrap;gap:.5rem;margin:1rem 0;padding:0;list-style:none}
.numbers li{border:1px solid var(--line);border-radius:.5rem;padding:.3rem .7rem}
.numbers b{font-variant-numeric:tabular-nums}
.verdict{border-left:.4rem solid var(--dim);padding:.25rem 0 .25rem 1rem}
.breaking{border-color:var(--error)}.breaking h1{color:var(--error)}
.undecided{border-color:var(--warning)}.undecided h1{color:var(--warning)}
.compatible{border-color:var(--good)}.compatible h1{color:var(--good)}
article{border:1px solid var(--line);border-left-width:.3rem;border-radius:.4rem;
padding:.6rem .9rem;margin:.75rem 0;break-inside:avoid}
article.error{border-left-color:var(--error)}article.warning{border-left-color:var(--warning)}
article.waived{border-style:dashed}
.tag{display:inline-block;font-size:.8rem;font-weight:600;border:1px solid;border-radius:1rem;
padding:0 .55rem;margin-right:.4rem;white-space:nowrap}
.tag.error{color:var(--error)}.tag.warning{color:var(--warning)}.tag.info{color:var(--dim)}
code,pre{font:.85em/1.45 ui-monospace,Menlo,Consolas,monospace}
pre{background:var(--soft);border-radius:.4rem;padding:.6rem .8rem;margin:.35rem 0;
white-space:pre-wrap}
pre code{font-size:1em}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem .9rem;margin:.5rem 0}
dt{color:var(--dim)}dd{margin:0;min-width:0}
summary{cursor:pointer}
@media (max-width:34rem){body{padding:1rem .6rem 3rem}dl{grid-template-columns:1fr;gap:0}
dd{margin-bottom:.4rem}}
@media print{body{max-width:none;padding:0;font-size:11pt}
details::details-content{display:block;content-visibility:visible}
.numbers li,pre{background:none}}
"""

# Nothing is fetched and nothing runs, whatever a stranger's document holds.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(name: str, /, *children: str | None, **attributes: str) -> Html:
    """Return an element; children and attribute values that are no `Html` are escaped.

    A trailing underscore of an attribute's name is dropped (`class_`); None is no child.
    """
    told = "".join(f' {key.rstrip("_")}="{xml(value)}"' for key, value in attributes.items())
    if name in _VOID:
        return Html(f"<{name}{told}>")
    inner = join(*children)
    return Html(f"<{name}{told}>{inner}</{name}>")


def join(*children: str | None) -> Html:
    """Return the children one after another, escaped where they are no `Html`."""
    parts = (child if isinstance(child, Html) else xml(child) for child in children if child)
    return Html("".join(parts))


def prose(text: str) -> Html:
    """Return a sentence whose `quoted` parts are code; a backtick without its partner stays."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return join(text)
    return join(*(element("code", part) if at % 2 else part for at, part in enumerate(parts)))


def page(title: str, *body: str) -> str:
    """Return a whole document that asks nobody for anything."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        Html(f"<style>{STYLE}</style>"),
    )
    html = element("html", head, element("body", *body), lang="en")
    return f"<!DOCTYPE html>\n{html}\n"
