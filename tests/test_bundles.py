"""What every page loads in one file: nothing is left out, nothing comes twice or before what it needs."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

from chatapp import bundles

STATIC = settings.BASE_DIR / "static"
MODULES = {
    "main.js": 'import { b } from "./b-c.js";\nimport * as a from "./a.js";\na.start(b);\n',
    "a.js": 'import {\n  b,\n} from "./b-c.js";\nexport function start() {\n  return b;\n}\n',
    "b-c.js": "export const b = 1;\nexport async function c() {}\nclass Own {}\n",
}
JOINED = """\
const $b_c = (() => {
const b = 1;
async function c() {}
class Own {}
return { b, c };
})();
const $a = (() => {
const {
  b,
} = $b_c;
function start() {
  return b;
}
return { start };
})();
const { b } = $b_c;
const a = $a;
a.start(b);
"""


def test_modules_come_once_and_after_what_they_need() -> None:
    assert bundles.script("main.js", MODULES.__getitem__) == JOINED


@pytest.mark.parametrize("entry", ["main.js", "shared.js"])
def test_all_that_an_entry_leads_to_is_in_it(entry: str) -> None:
    read: list[str] = []

    def source(name: str) -> str:
        read.append(name)
        return (STATIC / "js" / name).read_text()

    whole = bundles.script(entry, source)
    assert len(read) == len(set(read)) > 10
    assert not re.search(r"^(import|export)\b", whole, re.MULTILINE)
    for name in set(read) - {entry}:
        assert whole.count(f"const {bundles._named(name)} = (") == 1


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ('import "./x.js";', "import"),
        ("export default 1;", "export default"),
        ("export let count = 0;", "export let"),
        ("export { a };", "export { a }"),
        ("const x = await import('./x.js');", "import("),
        ('import * as main from "./main.js";', "main.js needs main.js"),
    ],
)
def test_what_it_cannot_join_is_refused(source: str, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)):
        bundles.script("main.js", {"main.js": f"{source}\n"}.__getitem__)


def test_every_sheet_is_in_the_one_of_all() -> None:
    sheets = {file.name: file.read_text() for file in (STATIC / "css").glob("*.css")}
    whole = bundles.style("app.css", sheets.__getitem__)
    assert "@import" not in whole
    for name in sheets.keys() - {"app.css"}:
        assert sheets[name] in whole
