"""The page of codes is what the registry has."""

from pathlib import Path

from skills.diagnosis import codes
from skills.diagnosis.registry import all_codes

PAGE = Path(codes.__file__).with_name("CODES.md")


def test_the_page_of_codes_is_current() -> None:
    assert PAGE.read_text() == codes.page(all_codes()), (
        "run: python -m skills.diagnosis.codes > skills/diagnosis/CODES.md"
    )


def test_every_code_says_what_it_is_recognised_by_and_what_to_do() -> None:
    assert [code.name for code in all_codes() if not (code.title and code.signals and code.remedy)] == []
