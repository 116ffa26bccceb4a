"""A marketplace's words and amounts as PrestaShop takes them. Pure."""
