"""What the codes say in English: code → (sentence, what to do). Placeholders in braces are filled from the problem."""

from collections.abc import Mapping

SENTENCES: Mapping[str, tuple[str, str]] = {
    "SKU_UNKNOWN": (
        "No product of the shop bears the SKU '{sku}'.",
        "Create the product, correct its SKU, or link it: marketcron account map-sku; the order is retried by itself.",
    ),
    "SKU_AMBIGUOUS": (
        "Several products of the shop bear the SKU '{sku}'.",
        "Leave the SKU on one product only, or link it: marketcron account map-sku; the rest goes on by itself.",
    ),
    "SKU_MISSING": (
        "A line of the order has no SKU.",
        "Give the offer a SKU at the marketplace, create this order in the shop by hand and mark it as handled.",
    ),
    "PRODUCT_INACTIVE": (
        "The product '{sku}' is inactive in the shop.",
        "Activate it; the order is retried by itself.",
    ),
    "OUT_OF_STOCK": (
        "Not enough stock of '{sku}': {wanted} ordered, {left} left.",
        "Add stock, or decide on the order yourself before its deadline.",
    ),
    "ADDRESS_MISSING": (
        "The order is ready to ship but holds no delivery address.",
        "Look at the order at the marketplace; if the address is there, wait for the next run, else ask its support.",
    ),
    "ADDRESS_REFUSED": (
        "The shop refuses the address of this order: {detail}.",
        "Create the order in the shop by hand and mark it as handled.",
    ),
    "COUNTRY_INACTIVE": (
        "The shop does not deliver to {country}.",
        "Activate this country in the shop; the order is retried by itself.",
    ),
    "CURRENCY_UNKNOWN": (
        "The order is in {currency}, the shop works in {expected}.",
        "Add the currency to the shop, or create this order by hand and mark it as handled.",
    ),
    "CARRIER_UNMAPPED": (
        "No carrier of the shop is chosen for the shipping method '{method}'.",
        "Choose one in the account's setting `carriers`.",
    ),
    "TOTAL_MISMATCH": (
        "The lines of the order make {lines}, the order says {total}.",
        "Compare the order at the marketplace and in the shop, then retry it or mark it as handled.",
    ),
    "VAT_DIFFERS": (
        "The VAT of the shop differs from the marketplace's; the total is exact.",
        "Check the tax rule of the product '{sku}'.",
    ),
    "ORDER_HALF_MADE": (
        "The shop holds an unfinished order {ref} for this one: {detail}.",
        "Finish or delete it in the shop, then retry, or mark this order as handled.",
    ),
    "OUTCOME_UNKNOWN": (
        "{service} did not answer to a write; whether it took effect is looked up before anything is repeated.",
        "Nothing to do: the next run settles it.",
    ),
    "UNKNOWN_TWICE": (
        "{service} did not answer to this write for the second time, and the order was not found in between.",
        "Look for the order in the shop: if it is there, mark it as handled; if not, retry it.",
    ),
    "ORDER_MISSING": (
        "The marketplace does not know this order (any more).",
        "Look for it at the marketplace; if it is gone, mark it as ignored.",
    ),
    "UNREADABLE": (
        "The order can't be understood: {detail}.",
        "Create it in the shop by hand, mark it as handled, and report this sentence to us.",
    ),
    "NO_LINES": (
        "The order has no line to deliver.",
        "Look at it at the marketplace; if it is really empty, mark it as ignored.",
    ),
    "STATE_UNKNOWN": (
        "The marketplace gives this order a state that is new to us: '{platform_status}'.",
        "Nothing is done with it meanwhile; report this word to us, or create the order by hand and mark it as handled.",
    ),
    "DATA_EXPIRED": (
        "The order waited so long that its personal data was deleted here.",
        "Retry it: it is read from the marketplace again.",
    ),
    "SHOP_REFUSED": (
        "The shop refuses this order: {detail}.",
        "Correct what it names; the order is retried by itself.",
    ),
    "DECISION_REFUSED": (
        "The marketplace refuses our decision on this order: {detail}.",
        "Decide on the order at the marketplace.",
    ),
    "PARTIAL_ACCEPT_OFF": (
        "Some lines of this order can't be served, and the marketplace accepts or refuses whole orders only.",
        "Add stock, or decide on the order at the marketplace before its deadline.",
    ),
    "WAITING_PAYMENT": (
        "The marketplace waits for the buyer's payment.",
        "Nothing to do: the order is imported once it is paid.",
    ),
    "WAITING_ACCEPTANCE": (
        "The order waits for acceptance.",
        "Nothing to do if orders-accept runs; else accept it at the marketplace.",
    ),
    "WAITING_FULFILMENT": (
        "The marketplace has not shipped this order yet.",
        "Nothing to do: it is imported once it is shipped.",
    ),
    "ON_HOLD": (
        "The order is on hold at the marketplace.",
        "Look at the order at the marketplace.",
    ),
    "BUYER_ASKS_CANCEL": (
        "The buyer asks to cancel this order.",
        "Accept or refuse the cancellation at the marketplace; the order waits meanwhile.",
    ),
    "CANCELLED_IN_SHOP": (
        "The order is cancelled in the shop but not at the marketplace.",
        "Cancel or refund it at the marketplace, or ship it before its deadline.",
    ),
    "CANCELLED_ON_MARKETPLACE": (
        "The marketplace cancelled this order.",
        "Nothing to do: it is not imported, or cancelled in the shop as well.",
    ),
    "SHIPPED_BUT_CANCELLED": (
        "The marketplace cancelled this order, but the shop has shipped it already.",
        "Call the parcel back or claim the amount at the marketplace, then mark the order as handled.",
    ),
    "REPLACEMENT_ORDER": (
        "This order replaces {order}.",
        "Nothing to do.",
    ),
    "DEADLINE_NEAR": (
        "The order must be decided soon: {detail}.",
        "Add stock or decide on it at the marketplace before the deadline.",
    ),
    "DEADLINE_PASSED": (
        "The deadline to decide on this order has passed: {detail}.",
        "Decide on it at the marketplace at once; it may be refused automatically.",
    ),
    "CREDENTIALS_REFUSED": (
        "{service} refuses our key: {detail}.",
        "Make a new key there and set it: marketcron account set {account} --set …, then marketcron account check {account}.",
    ),
    "ROLE_MISSING": (
        "Our key lacks a right at {service}: {detail}.",
        "Give it the right there, then run: marketcron account check {account}.",
    ),
    "REQUEST_REFUSED": (
        "{service} refuses a request: {detail}.",
        "Run: marketcron account check {account}. If all is well there, report this sentence to us.",
    ),
    "QUOTA_USED_UP": (
        "The marketplace's quota for {operation} is used up until {resume_at}[; about {pages_left} calls are left, so "
        "this pass should be through by {through_at}].",
        "Nothing to do: the run goes on by itself then.",
    ),
    "TIME_USED_UP": (
        "The run took longer than one run may.",
        "Nothing to do: it goes on by itself.",
    ),
    "MARKETPLACE_DOWN": (
        "{service} does not answer properly: {detail}.",
        "Nothing to do: the run goes on by itself at {resume_at}. If it lasts, look at the marketplace's status page.",
    ),
    "SHOP_DOWN": (
        "The shop does not answer properly: {detail}.",
        "Nothing to do: the run goes on by itself at {resume_at}. If it lasts, look at the shop.",
    ),
    "SHOP_SETUP": (
        "The address or set-up of {service} is wrong: {detail}.",
        "Correct it, then run: marketcron account check {account}.",
    ),
    "TOO_SOON": (
        "This task ran a moment ago; the next run is useful from {next_useful_at}.",
        "Nothing to do. Call this URL less often.",
    ),
    "TASK_LATE": (
        "This task has not succeeded since {since}.",
        "Check that its cron still calls the URL.",
    ),
    "INTERNAL": (
        "Something went wrong inside marketcron ({detail}).",
        "Nothing is lost; the next run goes on. If it comes back, send us the run id and the log.",
    ),
    "TRACKING_MISSING": (
        "The shop shipped this order without a tracking number.",
        "Enter the number in the shop; the next orders-status sends it. To ship without numbers, set without_tracking to send.",
    ),
    "TRACKING_REFUSED": (
        "The marketplace refuses the tracking number: {detail}.",
        "Correct the number in the shop; the next orders-status sends it.",
    ),
    "TRACKING_URL_UNKNOWN": (
        "The tracking address of '{carrier}' needs a postcode that this order does not give.",
        "Take the postcode out of the address in the setting carrier_names.",
    ),
    "CARRIER_UNKNOWN": (
        "The marketplace has no carrier for '{carrier}'.",
        "Name the marketplace's carrier for it in the setting carrier_names.",
    ),
    "SHIP_REFUSED": (
        "The marketplace refuses this shipment: {detail}.",
        "Look at the order at the marketplace; it is tried again by itself.",
    ),
    "SHIPMENT_NOT_SHOWN": (
        "The marketplace took this shipment {times} times and does not show it.",
        "Confirm it at the marketplace by hand. To have it told once more, hit orders-status with force=1.",
    ),
    "PARTLY_SHIPPED": (
        "Only a part of this order has left the shop; the marketplace is told once all of it has.",
        "Nothing to do: the rest is told when it is shipped.",
    ),
    "WAITING_TRACKING": (
        "The order has just been shipped; its tracking number is awaited.",
        "Nothing to do: it is told with its number, or named here once the wait is over.",
    ),
    "DELETED_IN_SHOP": (
        "The order was imported, but the shop does not have it any more.",
        "Restore it in the shop, or cancel it at the marketplace; then mark it as handled.",
    ),
    "OFFER_REFUSED": (
        "The marketplace refuses the offer '{sku}': {detail}.",
        "Correct the product or the offer; it is sent again once its stock or price changes.",
    ),
    "NOT_LISTED": (
        "The marketplace has no offer with the SKU '{sku}'.",
        "Create the offer at the marketplace if the product shall be sold there.",
    ),
    "PRICE_GUARD": (
        "Nothing was sent: prices would change in a way that is rarely meant ({detail}).",
        "Look at the prices with dry_run=1. If they are right, call the URL once with confirm={run_id}.",
    ),
    "STOCK_GUARD": (
        "Nothing was sent: {number} of {live} offers on sale would be set to 0.",
        "Look at the stock with dry_run=1. If it is right, call the URL once with confirm={run_id}.",
    ),
    "OFFERS_LOST": (
        "The marketplace does not know the batch {receipt} of {lines} offers any more.",
        "Nothing to do: what differs is sent again.",
    ),
    "OFFERS_UNANSWERED": (
        "The marketplace has not worked on the batch {receipt} of {lines} offers for two days.",
        "Nothing to do here: what differs is sent again. If it comes back, ask the marketplace's support.",
    ),
    "OFFERS_FAILED": (
        "The marketplace did not take a batch of {lines} offers: {detail}.",
        "It is sent again by the next run. If it comes back, correct what the sentence names.",
    ),
    "CANCELLED_THERE_ONLY": (
        "The marketplace says {marketplace}, the shop says {shop}.",
        "Run orders-status: it cancels the order in the shop and puts its pieces back.",
    ),
    "SHIPPED_HERE_ONLY": (
        "The shop has shipped this order, the marketplace still waits for it.",
        "Run orders-status: it tells the marketplace.",
    ),
    "SHIPPED_THERE_ONLY": (
        "The marketplace counts this order as shipped, the shop does not.",
        "If it has left, mark it as shipped in the shop.",
    ),
    "TOTAL_DIFFERS": (
        "The marketplace says {marketplace}, the shop says {shop}.",
        "Look for a refund, a cancelled line or a change by hand, and correct the order in the shop.",
    ),
    "UNKNOWN_THERE": (
        "The shop holds the order {ref} ({shop}), the marketplace does not know it.",
        "Look for it at the marketplace; if it is gone there, cancel it in the shop.",
    ),
    "NOT_YET_IMPORTED": (
        "The order is not in the shop yet.",
        "Nothing to do: the next orders-import creates it.",
    ),
    "OFFER_DIFFERS": (
        "The offer '{sku}' stands at {marketplace} at the marketplace, the shop wants {shop}.",
        "Nothing to do if offers-send runs: it sends the difference. Else look whether another tool changes your offers.",
    ),
}
