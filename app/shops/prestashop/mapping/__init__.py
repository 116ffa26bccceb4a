"""A marketplace's texts and amounts as PrestaShop takes them. Pure."""
