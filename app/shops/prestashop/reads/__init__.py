"""What a PrestaShop says: about itself, its products, the progress of its orders."""
