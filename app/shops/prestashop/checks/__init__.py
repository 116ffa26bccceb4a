"""What a check of a PrestaShop says, line by line. Pure, but for `group.py` and `links.py`, which ask."""
