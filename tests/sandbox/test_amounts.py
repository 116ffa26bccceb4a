from app.sandbox.amounts import text, without_tax


def test_cents_become_a_decimal_text() -> None:
    assert [text(cents) for cents in (0, 5, 1290, -1290)] == ["0.00", "0.05", "12.90", "-12.90"]


def test_tax_is_taken_off_half_up() -> None:
    assert [without_tax(cents, rate_permille=200) for cents in (0, 1200, 1999, 3)] == [0, 1000, 1666, 3]
