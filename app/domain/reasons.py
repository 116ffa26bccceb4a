"""Every code a report can hold, with its sentence and what to do, in English and French.

Codes are stable: scripts and support rely on them. Placeholders in braces are filled from the problem's parameters; a
missing one shows as `?`. `person` says whether somebody has to act; without it the service goes on by itself.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

Language = Literal["en", "fr"]


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence and what to do about it."""

    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class Reason:
    person: bool
    en: Said
    fr: Said


REASONS: Mapping[str, Reason] = {
    "SKU_UNKNOWN": Reason(
        True,
        Said(
            "No product of the shop bears the SKU '{sku}'.",
            "Create the product or correct its SKU; the order is retried by itself.",
        ),
        Said(
            "Aucun produit de la boutique ne porte le SKU « {sku} ».",
            "Créez le produit ou corrigez son SKU ; la commande sera réessayée d'elle-même.",
        ),
    ),
    "SKU_AMBIGUOUS": Reason(
        True,
        Said(
            "Several products of the shop bear the SKU '{sku}'.",
            "Leave the SKU on one product only; the order is retried by itself.",
        ),
        Said(
            "Plusieurs produits de la boutique portent le SKU « {sku} ».",
            "Ne laissez ce SKU que sur un produit ; la commande sera réessayée d'elle-même.",
        ),
    ),
    "SKU_MISSING": Reason(
        True,
        Said(
            "A line of the order has no SKU.",
            "Give the offer a SKU at the marketplace, create this order in the shop by hand and mark it as handled.",
        ),
        Said(
            "Une ligne de la commande n'a pas de SKU.",
            "Donnez un SKU à l'offre sur la place de marché, créez cette commande à la main et marquez-la comme traitée.",
        ),
    ),
    "PRODUCT_INACTIVE": Reason(
        True,
        Said("The product '{sku}' is inactive in the shop.", "Activate it; the order is retried by itself."),
        Said(
            "Le produit « {sku} » est inactif dans la boutique.", "Activez-le ; la commande sera réessayée d'elle-même."
        ),
    ),
    "OUT_OF_STOCK": Reason(
        True,
        Said(
            "Not enough stock of '{sku}': {wanted} ordered, {left} left.",
            "Add stock, or decide on the order yourself before its deadline.",
        ),
        Said(
            "Stock insuffisant pour « {sku} » : {wanted} commandé(s), {left} restant(s).",
            "Ajoutez du stock, ou décidez vous-même de la commande avant l'échéance.",
        ),
    ),
    "ADDRESS_MISSING": Reason(
        True,
        Said(
            "The order is ready to ship but holds no delivery address.",
            "Look at the order at the marketplace; if the address is there, wait for the next run, else ask its support.",
        ),
        Said(
            "La commande est à expédier mais n'a pas d'adresse de livraison.",
            "Regardez la commande sur la place de marché ; si l'adresse y est, attendez le prochain passage, sinon contactez son support.",
        ),
    ),
    "ADDRESS_REFUSED": Reason(
        True,
        Said(
            "The shop refuses the address of this order: {detail}.",
            "Create the order in the shop by hand and mark it as handled.",
        ),
        Said(
            "La boutique refuse l'adresse de cette commande : {detail}.",
            "Créez la commande à la main dans la boutique et marquez-la comme traitée.",
        ),
    ),
    "COUNTRY_INACTIVE": Reason(
        True,
        Said(
            "The shop does not deliver to {country}.",
            "Activate this country in the shop; the order is retried by itself.",
        ),
        Said(
            "La boutique ne livre pas le pays {country}.",
            "Activez ce pays dans la boutique ; la commande sera réessayée d'elle-même.",
        ),
    ),
    "CURRENCY_UNKNOWN": Reason(
        True,
        Said(
            "The order is in {currency}, the shop works in {expected}.",
            "Add the currency to the shop, or create this order by hand and mark it as handled.",
        ),
        Said(
            "La commande est en {currency}, la boutique travaille en {expected}.",
            "Ajoutez la devise à la boutique, ou créez cette commande à la main et marquez-la comme traitée.",
        ),
    ),
    "CARRIER_UNMAPPED": Reason(
        True,
        Said(
            "No carrier of the shop is chosen for the shipping method '{method}'.",
            "Choose one in the account's setting `carriers`.",
        ),
        Said(
            "Aucun transporteur de la boutique n'est choisi pour le mode de livraison « {method} ».",
            "Choisissez-en un dans le réglage `carriers` du compte.",
        ),
    ),
    "TOTAL_MISMATCH": Reason(
        True,
        Said(
            "The lines of the order make {lines}, the order says {total}.",
            "Compare the order at the marketplace and in the shop, then retry it or mark it as handled.",
        ),
        Said(
            "Les lignes de la commande font {lines}, la commande indique {total}.",
            "Comparez la commande des deux côtés, puis réessayez-la ou marquez-la comme traitée.",
        ),
    ),
    "VAT_DIFFERS": Reason(
        False,
        Said(
            "The VAT of the shop differs from the marketplace's; the total is exact.",
            "Check the tax rule of the product '{sku}'.",
        ),
        Said(
            "La TVA de la boutique diffère de celle de la place de marché ; le total est exact.",
            "Vérifiez la règle de taxe du produit « {sku} ».",
        ),
    ),
    "ORDER_HALF_MADE": Reason(
        True,
        Said(
            "The shop holds an unfinished order {ref} for this one: {detail}.",
            "Finish or delete it in the shop, then retry, or mark this order as handled.",
        ),
        Said(
            "La boutique contient une commande inachevée {ref} : {detail}.",
            "Terminez-la ou supprimez-la dans la boutique, puis réessayez, ou marquez cette commande comme traitée.",
        ),
    ),
    "OUTCOME_UNKNOWN": Reason(
        False,
        Said(
            "{service} did not answer to a write; whether it took effect is looked up before anything is repeated.",
            "Nothing to do: the next run settles it.",
        ),
        Said(
            "{service} n'a pas répondu à une écriture ; son effet sera vérifié avant toute répétition.",
            "Rien à faire : le prochain passage règle la question.",
        ),
    ),
    "ORDER_MISSING": Reason(
        True,
        Said(
            "The marketplace does not know this order (any more).",
            "Look for it at the marketplace; if it is gone, mark it as ignored.",
        ),
        Said(
            "La place de marché ne connaît pas (ou plus) cette commande.",
            "Cherchez-la sur la place de marché ; si elle a disparu, ignorez-la.",
        ),
    ),
    "UNREADABLE": Reason(
        True,
        Said(
            "The order can't be understood: {detail}.",
            "Create it in the shop by hand, mark it as handled, and report this sentence to us.",
        ),
        Said(
            "La commande est illisible : {detail}.",
            "Créez-la à la main dans la boutique, marquez-la comme traitée et signalez-nous cette phrase.",
        ),
    ),
    "NO_LINES": Reason(
        True,
        Said(
            "The order has no line to deliver.",
            "Look at it at the marketplace; if it is really empty, mark it as ignored.",
        ),
        Said(
            "La commande n'a aucune ligne à livrer.",
            "Regardez-la sur la place de marché ; si elle est vraiment vide, ignorez-la.",
        ),
    ),
    "STATE_UNKNOWN": Reason(
        True,
        Said(
            "The marketplace gives this order a state that is new to us: '{word}'.",
            "Nothing is done with it meanwhile; report this word to us, or create the order by hand and mark it as handled.",
        ),
        Said(
            "La place de marché donne à cette commande un état inconnu : « {word} ».",
            "Rien n'est fait en attendant ; signalez-nous ce mot, ou créez la commande à la main et marquez-la comme traitée.",
        ),
    ),
    "DATA_EXPIRED": Reason(
        True,
        Said(
            "The order waited so long that its personal data was deleted here.",
            "Retry it: it is read from the marketplace again.",
        ),
        Said(
            "La commande a attendu si longtemps que ses données personnelles ont été effacées ici.",
            "Réessayez-la : elle sera relue sur la place de marché.",
        ),
    ),
    "SHOP_REFUSED": Reason(
        True,
        Said("The shop refuses this order: {detail}.", "Correct what it names; the order is retried by itself."),
        Said(
            "La boutique refuse cette commande : {detail}.",
            "Corrigez ce qu'elle indique ; la commande sera réessayée d'elle-même.",
        ),
    ),
    "DECISION_REFUSED": Reason(
        True,
        Said(
            "The marketplace refuses our decision on this order: {detail}.", "Decide on the order at the marketplace."
        ),
        Said(
            "La place de marché refuse notre décision sur cette commande : {detail}.",
            "Décidez de la commande sur la place de marché.",
        ),
    ),
    "PARTIAL_ACCEPT_OFF": Reason(
        True,
        Said(
            "Some lines of this order can't be served, and the marketplace accepts or refuses whole orders only.",
            "Add stock, or decide on the order at the marketplace before its deadline.",
        ),
        Said(
            "Certaines lignes ne peuvent être servies, et la place de marché n'accepte ou ne refuse que des commandes entières.",
            "Ajoutez du stock, ou décidez de la commande sur la place de marché avant l'échéance.",
        ),
    ),
    "WAITING_PAYMENT": Reason(
        False,
        Said("The marketplace waits for the buyer's payment.", "Nothing to do: the order is imported once it is paid."),
        Said(
            "La place de marché attend le paiement de l'acheteur.",
            "Rien à faire : la commande sera importée une fois payée.",
        ),
    ),
    "WAITING_ACCEPTANCE": Reason(
        False,
        Said(
            "The order waits for acceptance.", "Nothing to do if orders-accept runs; else accept it at the marketplace."
        ),
        Said(
            "La commande attend d'être acceptée.",
            "Rien à faire si orders-accept tourne ; sinon acceptez-la sur la place de marché.",
        ),
    ),
    "WAITING_FULFILMENT": Reason(
        False,
        Said("The marketplace has not shipped this order yet.", "Nothing to do: it is imported once it is shipped."),
        Said(
            "La place de marché n'a pas encore expédié cette commande.",
            "Rien à faire : elle sera importée une fois expédiée.",
        ),
    ),
    "ON_HOLD": Reason(
        True,
        Said("The order is on hold at the marketplace.", "Look at the order at the marketplace."),
        Said("La commande est suspendue sur la place de marché.", "Regardez la commande sur la place de marché."),
    ),
    "BUYER_ASKS_CANCEL": Reason(
        True,
        Said(
            "The buyer asks to cancel this order.",
            "Accept or refuse the cancellation at the marketplace; the order waits meanwhile.",
        ),
        Said(
            "L'acheteur demande l'annulation de cette commande.",
            "Acceptez ou refusez l'annulation sur la place de marché ; la commande attend.",
        ),
    ),
    "CANCELLED_IN_SHOP": Reason(
        True,
        Said(
            "The order is cancelled in the shop but not at the marketplace.",
            "Cancel or refund it at the marketplace, or ship it before its deadline.",
        ),
        Said(
            "La commande est annulée dans la boutique mais pas sur la place de marché.",
            "Annulez-la ou remboursez-la sur la place de marché, ou expédiez-la avant l'échéance.",
        ),
    ),
    "CANCELLED_ON_MARKETPLACE": Reason(
        False,
        Said(
            "The marketplace cancelled this order.",
            "Nothing to do: it is not imported, or cancelled in the shop as well.",
        ),
        Said(
            "La place de marché a annulé cette commande.",
            "Rien à faire : elle n'est pas importée, ou elle est aussi annulée dans la boutique.",
        ),
    ),
    "SHIPPED_BUT_CANCELLED": Reason(
        True,
        Said(
            "The marketplace cancelled this order, but the shop has shipped it already.",
            "Call the parcel back or claim the amount at the marketplace, then mark the order as handled.",
        ),
        Said(
            "La place de marché a annulé cette commande, mais la boutique l'a déjà expédiée.",
            "Rappelez le colis ou réclamez le montant à la place de marché, puis marquez la commande comme traitée.",
        ),
    ),
    "REPLACEMENT_ORDER": Reason(
        False,
        Said("This order replaces {order}.", "Nothing to do."),
        Said("Cette commande en remplace une autre : {order}.", "Rien à faire."),
    ),
    "DEADLINE_NEAR": Reason(
        True,
        Said(
            "The order must be decided soon: {detail}.",
            "Add stock or decide on it at the marketplace before the deadline.",
        ),
        Said(
            "La commande doit être décidée bientôt : {detail}.",
            "Ajoutez du stock ou décidez-en sur la place de marché avant l'échéance.",
        ),
    ),
    "DEADLINE_PASSED": Reason(
        True,
        Said(
            "The deadline to decide on this order has passed: {detail}.",
            "Decide on it at the marketplace at once; it may be refused automatically.",
        ),
        Said(
            "L'échéance pour décider de cette commande est passée : {detail}.",
            "Décidez-en tout de suite sur la place de marché ; elle peut être refusée automatiquement.",
        ),
    ),
    "CREDENTIALS_REFUSED": Reason(
        True,
        Said(
            "{service} refuses our key: {detail}.",
            "Make a new key there and set it: marketcron account set {account} --set …, then marketcron account check {account}.",
        ),
        Said(
            "{service} refuse notre clé : {detail}.",
            "Créez-y une nouvelle clé et enregistrez-la : marketcron account set {account} --set …, puis marketcron account check {account}.",
        ),
    ),
    "ROLE_MISSING": Reason(
        True,
        Said(
            "Our key lacks a right at {service}: {detail}.",
            "Give it the right there, then run: marketcron account check {account}.",
        ),
        Said(
            "Notre clé n'a pas un droit nécessaire chez {service} : {detail}.",
            "Donnez-lui ce droit, puis lancez : marketcron account check {account}.",
        ),
    ),
    "REQUEST_REFUSED": Reason(
        True,
        Said(
            "{service} refuses a request: {detail}.",
            "Run: marketcron account check {account}. If all is well there, report this sentence to us.",
        ),
        Said(
            "{service} refuse une requête : {detail}.",
            "Lancez : marketcron account check {account}. Si tout y est bon, signalez-nous cette phrase.",
        ),
    ),
    "QUOTA_USED_UP": Reason(
        False,
        Said(
            "The marketplace's quota for {operation} is used up until {resume_at}.",
            "Nothing to do: the run goes on by itself then.",
        ),
        Said(
            "Le quota de la place de marché pour {operation} est épuisé jusqu'à {resume_at}.",
            "Rien à faire : le traitement reprendra de lui-même.",
        ),
    ),
    "TIME_USED_UP": Reason(
        False,
        Said("The run took longer than one run may.", "Nothing to do: it goes on by itself."),
        Said("Le traitement a dépassé la durée d'un passage.", "Rien à faire : il reprendra de lui-même."),
    ),
    "MARKETPLACE_DOWN": Reason(
        False,
        Said(
            "{service} does not answer properly: {detail}.",
            "Nothing to do: the run goes on by itself at {resume_at}. If it lasts, look at the marketplace's status page.",
        ),
        Said(
            "{service} ne répond pas correctement : {detail}.",
            "Rien à faire : le traitement reprendra de lui-même à {resume_at}. Si cela dure, regardez la page d'état de la place de marché.",
        ),
    ),
    "SHOP_DOWN": Reason(
        False,
        Said(
            "The shop does not answer properly: {detail}.",
            "Nothing to do: the run goes on by itself at {resume_at}. If it lasts, look at the shop.",
        ),
        Said(
            "La boutique ne répond pas correctement : {detail}.",
            "Rien à faire : le traitement reprendra de lui-même à {resume_at}. Si cela dure, regardez la boutique.",
        ),
    ),
    "SHOP_SETUP": Reason(
        True,
        Said(
            "The address or set-up of {service} is wrong: {detail}.",
            "Correct it, then run: marketcron account check {account}.",
        ),
        Said(
            "L'adresse ou la configuration de {service} est fausse : {detail}.",
            "Corrigez-la, puis lancez : marketcron account check {account}.",
        ),
    ),
    "TOO_SOON": Reason(
        False,
        Said(
            "This task ran a moment ago; the next run is useful from {next_useful_at}.",
            "Nothing to do. Call this URL less often.",
        ),
        Said(
            "Cette tâche vient de tourner ; le prochain passage sera utile à partir de {next_useful_at}.",
            "Rien à faire. Appelez cette URL moins souvent.",
        ),
    ),
    "TASK_LATE": Reason(
        True,
        Said("This task has not succeeded since {since}.", "Check that its cron still calls the URL."),
        Said("Cette tâche n'a pas réussi depuis {since}.", "Vérifiez que son cron appelle toujours l'URL."),
    ),
    "INTERNAL": Reason(
        True,
        Said(
            "Something went wrong inside marketcron ({detail}).",
            "Nothing is lost; the next run goes on. If it comes back, send us the run id and the log.",
        ),
        Said(
            "Une erreur s'est produite dans marketcron ({detail}).",
            "Rien n'est perdu ; le prochain passage continue. Si elle revient, envoyez-nous le numéro du passage et le journal.",
        ),
    ),
}


@cache
def needing_a_person() -> frozenset[str]:
    """Return the codes after which somebody has to act."""
    return frozenset(code for code, reason in REASONS.items() if reason.person)


# Why an order waits in the normal course of things: said in the full report, never among the problems.
QUIET = frozenset({"WAITING_PAYMENT", "WAITING_ACCEPTANCE", "WAITING_FULFILMENT", "CANCELLED_ON_MARKETPLACE"})


@cache
def shown_as_problems() -> tuple[str, ...]:
    """Return the codes that a report lists as problems, by name."""
    return tuple(sorted(set(REASONS) - QUIET))


def say(code: str, *, language: Language, params: Mapping[str, object]) -> Said:
    """Return the sentence and the fix of a code in a language, its placeholders filled."""
    reason = REASONS.get(code, REASONS["INTERNAL"])
    said = reason.fr if language == "fr" else reason.en
    values = defaultdict(lambda: "?", {key: str(value) for key, value in params.items() if value not in (None, "")})
    return Said(said.message.format_map(values), said.fix.format_map(values))
