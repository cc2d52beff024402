"""Exact numbers in decimals, where a reader wrote them so: 0.134145 and not 26829/200000."""

from __future__ import annotations

from sympy import Rational

_MOST_PLACES = 24


def ratio(number: Rational, decimals: bool) -> tuple[str, str]:
    """A positive number's numerator and denominator as written: its decimals stand over 1."""
    written = decimal(number) if decimals else ""
    return (written, "1") if written else (str(number.p), str(number.q))


def decimal(number: Rational) -> str:
    """A positive number's exact decimals; "" where it has none, or too many to read."""
    twos, fives, rest = 0, 0, int(number.q)
    while rest % 2 == 0:
        twos, rest = twos + 1, rest // 2
    while rest % 5 == 0:
        fives, rest = fives + 1, rest // 5
    places = max(twos, fives)
    if rest != 1 or places > _MOST_PLACES:
        return ""
    digits = str(int(number.p) * 10**places // int(number.q)).zfill(places + 1)
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits
