"""Quantities as Kubernetes writes them: 64Mi, 1.5Gi, 500m.

Source: apimachinery v0.33.0, pkg/api/resource/quantity.go, suffix.go.
"""

from __future__ import annotations

from fractions import Fraction

from mountlab.kubernetes.node import Node

_UNITS: dict[str, int | Fraction] = {f"{unit}i": 1 << 10 * power for power, unit in enumerate("KMGTPE", 1)}
_UNITS |= {"m": Fraction(1, 1000)} | {unit: 1000**power for power, unit in enumerate("kMGTPE", 1)}


def value_of(node: Node) -> Fraction:
    """A quantity as a number; 0 for what is none."""
    text = str(node.value)
    unit = next((each for each in _UNITS if text.endswith(each)), "")
    try:
        return Fraction(text.removesuffix(unit)) * Fraction(_UNITS.get(unit, 1))
    except (ValueError, ZeroDivisionError):
        return Fraction(0)


def bytes_of(node: Node) -> int:
    """A quantity as a number of bytes, rounded up."""
    value = value_of(node)
    return -(-value.numerator // value.denominator)


def shown(node: Node) -> str:
    """A quantity as it is printed; only zero is printed otherwise than people write it."""
    return str(node.value) if value_of(node) else "0"
