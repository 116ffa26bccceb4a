from app.sandbox.catalogue import SIZE, catalogue, ean13, unlisted_product


def test_one_seed_gives_one_catalogue() -> None:
    assert catalogue(7) == catalogue(7)


def test_another_seed_gives_other_prices() -> None:
    assert [product.price_cents for product in catalogue(1)] != [product.price_cents for product in catalogue(2)]


def test_every_sku_is_there_once_and_fits_the_marketplaces() -> None:
    skus = {product.sku for product in catalogue(1)}

    assert len(skus) == SIZE
    assert all(len(sku) <= 40 and "/" not in sku for sku in skus)


def test_every_ean_has_its_check_digit() -> None:
    assert all(product.ean == ean13(product.ean[:12]) for product in catalogue(1))


def test_the_check_digit_is_the_one_of_the_standard() -> None:
    assert ean13("400638133393") == "4006381333931"


def test_an_unlisted_product_is_in_no_catalogue() -> None:
    assert unlisted_product(3).sku not in {product.sku for product in catalogue(1)}
