"""`marketcron demo`: everything at work on this machine, with marketplaces of the sandbox.

command.py  the command itself
servers.py  the two servers, their clock and their folder
walk.py     what is shown from the beginning to the end
days.py     two days of all accounts, scene by scene
visit.py    one account: its orders, its URLs, and whether all went as it must
shops.py    the shop: embedded, or a PrestaShop of the sandbox
"""
