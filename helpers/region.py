"""What a ledger says of its own region: its name, the blocs and their names, which two are the sides, how it was coded.

These few keys of `x-parameters` in a ledger's own `datapackage.json` stand in the place of the project's; the parameters
of the measures do not, so that a figure means the same whoever's ledger it is made from.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from helpers.reading import Problem, RawTable
from helpers.schema import DESCRIPTOR, Field, Package, Table, project_package

PARAMETERS = "x-parameters"
KEYS = ("region", "sides", "blocs", "how_coded")
PARTS = ("code", "name", "noun", "colour", "dark")  # of a bloc
NOT_SAID = "The ledger does not say how it was coded."
# Names stand in charts, where markup would be read as such; long ones would not fit.
NAME, LONGEST = re.compile(r"[^\W_](?:[\w .,’'()/-]*[\w.)])?"), {"region": 60, "name": 24, "noun": 48}
LIGHT, NIGHT, CONTRAST = "#ffffff", "#16181b", 4.5  # paper by day and by night; the least that WCAG asks of a text
Wrong = tuple[str, str, str, str]  # key, value, rule, remedy


def _luminance(colour: str) -> float:
    parts = [int(colour[place:place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear))


def contrast(colour: str, paper: str) -> float:
    """The contrast ratio of two colours (`#rrggbb`), 1 to 21."""
    low, high = sorted((_luminance(colour), _luminance(paper)))
    return (high + 0.05) / (low + 0.05)


def _own(own: Mapping[str, Any]) -> Any:
    return own.get(PARAMETERS) or {}


def _text(key: str, value: Any, longest: int) -> Iterator[Wrong]:
    if not isinstance(value, str) or not NAME.fullmatch(value):
        yield key, str(value), "not a name", "Write letters, digits, blanks and . , ' ( ) / - only"
    elif len(value) > longest:
        yield key, value, f"{len(value)} characters", f"At most {longest}, so that it fits beside a chart"


def _bloc(bloc: Any) -> Iterator[Wrong]:
    """What is wrong with one entry of `blocs`."""
    if not isinstance(bloc, dict) or not re.fullmatch(r"[a-z][a-z0-9_]*", str(bloc.get("code", ""))):
        yield "blocs", str(bloc), "a bloc without a code", "Give each bloc a code of small letters, such as turkish, and use it in the column bloc of actors"
        return
    for part in sorted(bloc.keys() - set(PARTS)):
        yield "blocs", f"{bloc['code']}: {part}", "unknown", f"A bloc has {', '.join(PARTS)}"
    for part in ("name", "noun"):
        if part in bloc:
            yield from _text(f"blocs, {bloc['code']}, {part}", bloc[part], LONGEST[part])
    for part in ("colour", "dark"):
        if part in bloc and not re.fullmatch(r"#[0-9a-fA-F]{6}", str(bloc[part])):
            yield f"blocs, {bloc['code']}, {part}", str(bloc[part]), "not a colour", "Write six hex digits behind a #, such as #1769aa"


def _blocs(listed: Any, sides: Any) -> Iterator[Wrong]:
    if not isinstance(listed, list) or not 2 <= len(listed) <= 8:
        yield "blocs", "", "not a list of two to eight blocs", 'Write [{"code": "turkish", "name": "Turkish", "noun": "Turkey"}, …]'
        return
    wrong = [item for bloc in listed for item in _bloc(bloc)]
    yield from wrong
    if wrong:
        return
    for part in ("code", "colour", "dark"):
        values = [bloc[part] for bloc in blocs(listed, sides)]
        for value in sorted({value for value in values if values.count(value) > 1}):
            yield "blocs", value, f"the same {part} twice", "Give each bloc its own"


def _sides(sides: Any, known: list[dict[str, str]]) -> Iterator[Wrong]:
    codes = [bloc["code"] for bloc in known]
    if not isinstance(sides, list) or len(sides) != 2 or sides[0] == sides[1] or any(side not in codes for side in sides):
        yield "sides", str(sides), "not two different blocs", f"Name two of: {', '.join(codes)}"
        return
    for bloc in (bloc for bloc in known if bloc["code"] in sides):
        for part, paper in (("colour", LIGHT), ("dark", NIGHT)):
            if contrast(bloc[part], paper) < CONTRAST:
                yield f"blocs, {bloc['code']}, {part}", bloc[part], f"too little contrast with the paper {paper} ({contrast(bloc[part], paper):.1f})", \
                    f"A side's colour is also that of its labels: choose one with {CONTRAST} or more"


def _wrong(said: Any) -> Iterator[Wrong]:
    project = project_package().parameters
    if not isinstance(said, dict):
        yield "", str(said), "not a JSON object", f'Write {{"{KEYS[0]}": "Libya", …}}'
        return
    for key in sorted(said.keys() - project.keys()):
        near = difflib.get_close_matches(key, KEYS, 1)
        if near:
            yield key, "", "unknown", f"Did you mean {near[0]!r}?"
    if "region" in said:
        yield from _text("region", said["region"], LONGEST["region"])
    if not isinstance(said.get("how_coded", ""), str):
        yield "how_coded", str(said["how_coded"]), "not a text", "Say in a sentence who coded the ledger, and how it was checked"
    sides = said.get("sides", project["sides"])
    sides = sides if isinstance(sides, list) else []
    unsound = list(_blocs(said["blocs"], sides)) if "blocs" in said else []
    yield from unsound or _sides(sides, blocs(said.get("blocs", project["blocs"]), sides))


def problems(own: Mapping[str, Any], sheet: str = "") -> list[Problem]:
    """What is wrong with a ledger's own parameters (own: its descriptor; sheet: the sheet that stands for it in a workbook)."""
    return [Problem(DESCRIPTOR, None, key if sheet else f"{PARAMETERS}.{key}".rstrip("."), value, rule, remedy, f"sheet {sheet}" if sheet else "")
            for key, value, rule, remedy in _wrong(_own(own))]


def notices(own: Mapping[str, Any]) -> list[str]:
    """Parameters of a ledger that differ from the project's and are not its own to set."""
    project = project_package().parameters
    kept = sorted(key for key, value in _own(own).items() if key not in KEYS and value != project.get(key))
    return [f"{DESCRIPTOR}: not a ledger's own to set, the project's is used: {', '.join(kept)}"] if kept else []


def blocs(listed: list[dict[str, str]], sides: Any = ()) -> list[dict[str, str]]:
    """Sound blocs in full: what one does not say is the project's for its code, else follows from its name; colours are those
    of the project's sides for sides and greys for the rest, as far as they are free."""
    project = project_package().parameters
    known, taken = {bloc["code"]: bloc for bloc in project["blocs"]}, {bloc["code"] for bloc in listed}
    free = [bloc for bloc in project["blocs"] if bloc["code"] not in taken]
    bright = [bloc for bloc in free if bloc["code"] in project["sides"]]
    grey = [bloc for bloc in free if bloc not in bright] + [{"colour": "#" + f"7{place}" * 3, "dark": "#" + f"8{place}" * 3} for place in range(len(listed))]
    found = []
    for bloc in listed:
        same, of_side = known.get(bloc["code"], {}), bloc["code"] in sides
        base = same or (bright.pop(0) if of_side and bright else grey.pop(0))
        name = bloc.get("name") or same.get("name") or bloc["code"].replace("_", " ").capitalize()
        noun = bloc.get("noun") or (name if "name" in bloc else same.get("noun", name))
        found.append({"code": bloc["code"], "name": name, "noun": noun, "colour": bloc.get("colour", base["colour"]).lower(), "dark": bloc.get("dark", base["dark"]).lower()})
    return found


def _own_field(field: Field, codes: tuple[str, ...]) -> Field:
    return replace(field, enum=codes) if field.name in ("bloc", "alternative_bloc") and set(codes) != set(field.enum) else field


def package(own: Mapping[str, Any]) -> Package:
    """The data dictionary of a ledger with sound parameters of its own: the project's, with the ledger's region, sides and blocs;
    the codes of blocs that `actors` may hold are those."""
    project, said = project_package(), _own(own)
    parameters = deepcopy(project.parameters)
    parameters |= {key: said[key] for key in ("region", "sides") if key in said}
    parameters["blocs"] = blocs(said.get("blocs", project.parameters["blocs"]), parameters["sides"])
    parameters["how_coded"] = said.get("how_coded") or NOT_SAID
    codes = tuple(bloc["code"] for bloc in parameters["blocs"])
    actors: Table = replace(project.tables["actors"], fields=tuple(_own_field(field, codes) for field in project.tables["actors"].fields))
    return Package({**project.tables, "actors": actors}, parameters, project.descriptor)


def descriptor(own: Mapping[str, Any]) -> dict[str, Any]:
    """The whole descriptor of a ledger: the project's, with the ledger's own parameters and codes of blocs in it."""
    made, found = package(own), deepcopy(project_package().descriptor)
    found[PARAMETERS] = made.parameters
    for resource in found["resources"]:
        if resource["name"] == "actors":
            for described, field in zip(resource["schema"]["fields"], made.tables["actors"].fields):
                if field.enum:
                    described["constraints"]["enum"] = list(field.enum)
    return found


def version(own: Mapping[str, Any]) -> dict[str, Any]:
    """What of a ledger's own parameters changes its pages' figures and words, and therefore its version; nothing where it is the project's."""
    mine, project = package(own).parameters, project_package().parameters
    return {key: mine[key] for key in ("region", "sides", "blocs") if mine[key] != project[key]}


def borrow(tables: Mapping[str, RawTable], made: Package) -> list[str]:
    """Fits borrowed tables to a ledger's own blocs: the project's alternatives that name another bloc are left out. Returns notices."""
    raw, codes = tables["specifications"], {bloc["code"] for bloc in made.parameters["blocs"]}
    switch, value = (raw.table.columns.index(name) for name in ("switch", "value"))
    strange = [row for row in raw.rows if raw.absent and row[switch] == "bloc" and "=" in row[value] and row[value].split("=")[1] not in codes]
    raw.rows[:] = [row for row in raw.rows if row not in strange]
    return [f"{raw.table.file}: {len(strange):,} of the project's alternatives name blocs that this ledger does not have, and are left out"] if strange else []


def stranger(tables: Mapping[str, RawTable], made: Package, sheet: bool) -> list[Problem]:
    """The problem of a ledger with blocs of its own and without actors: the project's actors stand in other blocs."""
    actors, codes = tables["actors"], {bloc["code"] for bloc in made.parameters["blocs"]}
    missing = sorted({bloc for bloc in actors.column("bloc") if bloc not in codes}) if actors.absent else []
    where = "the sheet actors" if sheet else "actors.csv"
    return [Problem(DESCRIPTOR, None, f"{PARAMETERS}.blocs", "", f"the project's actors, which are used, stand in the blocs {', '.join(missing)}",
                    f"Add {where} with the blocs of this ledger, or list those blocs too")] if missing else []
