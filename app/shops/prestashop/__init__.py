"""PrestaShop through its Webservice."""
