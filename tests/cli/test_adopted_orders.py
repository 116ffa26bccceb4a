from pathlib import Path

import pytest

from app.cli.adopted_orders import read_adopted
from app.errors import BadInput


def adopted(folder: Path, content: str | bytes) -> dict[str, str | None]:
    file = folder / "orders.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_adopted(file)


def test_a_list_of_ids_is_enough(tmp_path: Path) -> None:
    assert adopted(tmp_path, "A-1\nA-2\n") == {"A-1": None, "A-2": None}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_second_column_is_the_shops_reference(tmp_path: Path, separator: str) -> None:
    assert adopted(tmp_path, f"A-1{separator} 77 \nA-2{separator}\n") == {"A-1": "77", "A-2": None}


def test_header_and_empty_lines_are_passed_over(tmp_path: Path) -> None:
    assert adopted(tmp_path, "\ufeff\nOrder number;Reference\n\nA-1;77\n;\n") == {"A-1": "77"}


def test_a_spreadsheets_quotes_are_taken_off(tmp_path: Path) -> None:
    assert adopted(tmp_path, '"A-1","77"\r\n') == {"A-1": "77"}


def test_the_same_line_twice_does_no_harm(tmp_path: Path) -> None:
    assert adopted(tmp_path, "A-1;77\nA-1;77\n") == {"A-1": "77"}


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("A-1\nA 2\n", "line 2 has a space in the order id 'A 2'"),
        ("A-1;77;x\n", "line 1 has more than two columns"),
        ("A-1;77\nA-1;78\n", "line 2 is given twice with different references"),
        (";77\n", "line 1 has no order id"),
        ("A-1\n" + "9" * 101, "line 2 has more than 100 characters"),
        ("Order\n", "holds no order id"),
        (b"A-1\n\xff\n", "is not UTF-8 text"),
    ],
)
def test_bad_lines_are_named(tmp_path: Path, content: str | bytes, fault: str) -> None:
    with pytest.raises(BadInput, match=fault):
        adopted(tmp_path, content)
