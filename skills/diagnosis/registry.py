"""Detectors are found, not listed: every function declared with `detects` in a module of `skills.diagnosis.detectors`."""

import importlib
import pkgutil
from collections.abc import Iterator, Sequence
from functools import cache

from skills.diagnosis import detectors
from skills.diagnosis.measured import CODES
from skills.diagnosis.symptom import Code, Detector, declared


@cache
def all_detectors() -> Sequence[Detector]:
    """Every detector, in the order of their modules and names. Imports each module once."""
    return tuple(_found())


def all_codes() -> Sequence[Code]:
    """Every code that any detector, or a measurement, may report, by name. Raises `ValueError` where two codes share one."""
    codes: dict[str, Code] = {}
    for code in (*(each for detector in all_detectors() for each in detector.codes), *CODES):
        if codes.setdefault(code.name, code) is not code:
            raise ValueError(f"two conditions are called {code.name}")
    return tuple(codes[name] for name in sorted(codes))


def _found() -> Iterator[Detector]:
    for module_info in pkgutil.iter_modules(detectors.__path__):
        module = importlib.import_module(f"{detectors.__name__}.{module_info.name}")
        for name in sorted(vars(module)):
            member = vars(module)[name]
            detector = declared(member)
            if detector is not None and member.__module__ == module.__name__:
                yield detector
