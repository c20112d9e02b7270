"""The long answer: a pocket book of powder patterns, computed, about 20 kB in either language.

Lattice parameters are the usual reference values at room temperature. Peak positions follow from Bragg's law,
and which reflections appear from the extinction rule of the lattice: P primitive, I body-centred, F
face-centred, D diamond.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, degrees, sqrt

from chatapp.demo.prose import fill, sections

CU_KA1 = 0.15406  # nanometres
AVOGADRO = 6.02214e23
HIGHEST_INDEX = 5
SHOWN_PEAKS = 7
LAST_SINE = 0.94  # beyond about 140° a laboratory diffractometer sees nothing
CROWDED_FROM = 0.5  # nanometres
REMARKS = ("code", "list", "sum", "note")

FORMULA_UNITS = {"P": 1, "I": 2, "F": 4, "D": 8}
RULES = {
    "en": {
        "P": "every reflection is allowed",
        "I": "$h + k + l$ must be even",
        "F": "$h$, $k$ and $l$ are all odd or all even",
        "D": "$h$, $k$, $l$ are all odd, or all even with $h + k + l = 4n$",
    },
    "zh": {
        "P": "所有衍射都允许",
        "I": "$h + k + l$ 必须为偶数",
        "F": "$h$、$k$、$l$ 必须全奇或全偶",
        "D": "$h$、$k$、$l$ 全奇，或全偶且 $h + k + l = 4n$",
    },
}
CROWDING = {"en": ("sparse", "crowded"), "zh": ("较疏", "较密")}


@dataclass(frozen=True)
class Crystal:
    """A cubic crystal: the lattice's letter, a in nanometres, mass in grams per mole of formula units."""

    english: str
    chinese: str
    formula: str
    lattice: str
    a: float
    mass: float


CRYSTALS = (
    Crystal("Lanthanum hexaboride", "六硼化镧", "LaB6", "P", 0.41568, 203.77),
    Crystal("Silicon", "硅", "Si", "D", 0.54310, 28.085),
    Crystal("Ceria", "二氧化铈", "CeO2", "F", 0.54113, 172.11),
    Crystal("Rock salt", "氯化钠", "NaCl", "F", 0.56402, 58.44),
    Crystal("Periclase", "方镁石", "MgO", "F", 0.42112, 40.304),
    Crystal("Lithium fluoride", "氟化锂", "LiF", "F", 0.40262, 25.94),
    Crystal("Aluminium", "铝", "Al", "F", 0.40495, 26.982),
    Crystal("Copper", "铜", "Cu", "F", 0.36149, 63.546),
    Crystal("Nickel", "镍", "Ni", "F", 0.35238, 58.693),
    Crystal("Palladium", "钯", "Pd", "F", 0.38902, 106.42),
    Crystal("Silver", "银", "Ag", "F", 0.40862, 107.868),
    Crystal("Gold", "金", "Au", "F", 0.40786, 196.967),
    Crystal("Platinum", "铂", "Pt", "F", 0.39236, 195.084),
    Crystal("Lead", "铅", "Pb", "F", 0.49506, 207.2),
    Crystal("Iron", "铁", "Fe", "I", 0.28665, 55.845),
    Crystal("Tungsten", "钨", "W", "I", 0.31652, 183.84),
    Crystal("Germanium", "锗", "Ge", "D", 0.56579, 72.630),
    Crystal("Fluorite", "萤石", "CaF2", "F", 0.54631, 78.075),
    Crystal("Caesium chloride", "氯化铯", "CsCl", "P", 0.41230, 168.36),
)


@dataclass(frozen=True)
class Peak:
    """One reflection: its indices, their sum of squares, and the sine of half its angle."""

    indices: str
    squares: int
    sine: float

    @property
    def spacing(self) -> str:
        """In nanometres."""
        return f"{CU_KA1 / (2 * self.sine):.5f}"

    @property
    def angle(self) -> str:
        """2θ in degrees."""
        return f"{2 * degrees(asin(self.sine)):.2f}"


def pocketbook(language: str) -> str:
    """The whole text in `en` or `zh`; it ends without a newline."""
    parts = sections(f"pocketbook.{language}")
    chapters = [_chapter(parts, number, crystal, language) for number, crystal in enumerate(CRYSTALS, 1)]
    preface = fill(parts["preface"], wavelength=str(CU_KA1))
    afterword = fill(parts["afterword"], count=str(len(CRYSTALS)))
    return "\n\n".join([preface, *chapters, afterword])


def _chapter(parts: dict[str, str], number: int, crystal: Crystal, language: str) -> str:
    values = _values(crystal, language)
    first, second = (REMARKS[(number + step) % len(REMARKS)] for step in (0, 1))
    return fill(
        parts["chapter"],
        number=str(number),
        first_remark=fill(parts[first], **values),
        second_remark=fill(parts[second], **values),
        **values,
    )


def _values(crystal: Crystal, language: str) -> dict[str, str]:
    peaks = _peaks(crystal)
    first, second, last = peaks[0], peaks[1], peaks[-1]
    names = (crystal.english, crystal.chinese)
    name, other_name = names if language == "en" else reversed(names)
    crowded = crystal.lattice == "P" or crystal.a > CROWDED_FROM
    return {
        "name": name,
        "other_name": other_name,
        "formula": crystal.formula,
        "wavelength": str(CU_KA1),
        "a": f"{crystal.a:.5f}",
        "angstroms": f"{crystal.a * 10:.4f}",
        "rule": RULES[language][crystal.lattice],
        "crowding": CROWDING[language][crowded],
        "rows": "\n".join(f"| {p.indices} | {p.squares} | {p.spacing} | {p.angle}° |" for p in peaks),
        "units": str(FORMULA_UNITS[crystal.lattice]),
        "mass": str(crystal.mass),
        "density": f"{_density(crystal):.2f}",
        "first": first.indices,
        "first_squares": str(first.squares),
        "first_angle": first.angle,
        "second": second.indices,
        "second_squares": str(second.squares),
        "second_spacing": second.spacing,
        "second_sine": f"{second.sine:.5f}",
        "last": last.indices,
        "last_angle": last.angle,
        "ratio": f"{last.squares / first.squares:.3f}",
    }


def _peaks(crystal: Crystal) -> list[Peak]:
    indices = [
        (h, k, m)
        for h in range(1, HIGHEST_INDEX + 1)
        for k in range(h + 1)
        for m in range(k + 1)
        if _allowed(crystal.lattice, h, k, m)
    ]
    by_squares = sorted((h * h + k * k + m * m, f"{h}{k}{m}") for h, k, m in indices)[:SHOWN_PEAKS]
    peaks = [Peak(name, squares, CU_KA1 * sqrt(squares) / (2 * crystal.a)) for squares, name in by_squares]
    return [peak for peak in peaks if peak.sine < LAST_SINE]


def _allowed(lattice: str, h: int, k: int, m: int) -> bool:
    unmixed = h % 2 == k % 2 == m % 2
    if lattice == "I":
        return (h + k + m) % 2 == 0
    if lattice == "F":
        return unmixed
    if lattice == "D":
        return unmixed and (h % 2 == 1 or (h + k + m) % 4 == 0)
    return True


def _density(crystal: Crystal) -> float:
    """In grams per cubic centimetre; a nanometre is 1e-7 cm."""
    return FORMULA_UNITS[crystal.lattice] * crystal.mass / (AVOGADRO * (crystal.a * 1e-7) ** 3)
