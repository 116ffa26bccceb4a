"""What the shop has on sale: reading it, and the files that change it.

    listing.py (OF21) ─► records.py ─► offer.py
    import_calls.py (STO, PRI, OF01) ─► imports.py (a file's life) ─► stock_file.py, price_file.py, offer_file.py
    back_office.py (the control API) ─► offer.py                          └─► sheet.py (CSV, the same for all)

What the contract leaves open is decided in this folder; each decision has a comment.
"""
