"""What the codes say in French: code → (sentence, what to do). Placeholders in braces are filled from the problem."""

from collections.abc import Mapping

SENTENCES: Mapping[str, tuple[str, str]] = {
    "SKU_UNKNOWN": (
        "Aucun produit de la boutique ne porte le SKU « {sku} ».",
        "Créez le produit, corrigez son SKU, ou reliez-le : marketcron account map-sku ; la commande sera réessayée d'elle-même.",
    ),
    "SKU_AMBIGUOUS": (
        "Plusieurs produits de la boutique portent le SKU « {sku} ».",
        "Ne laissez ce SKU que sur un produit, ou reliez-le : marketcron account map-sku ; la suite se fait d'elle-même.",
    ),
    "SKU_MISSING": (
        "Une ligne de la commande n'a pas de SKU.",
        "Donnez un SKU à l'offre sur la place de marché, créez cette commande à la main et marquez-la comme traitée.",
    ),
    "PRODUCT_INACTIVE": (
        "Le produit « {sku} » est inactif dans la boutique.",
        "Activez-le ; la commande sera réessayée d'elle-même.",
    ),
    "OUT_OF_STOCK": (
        "Stock insuffisant pour « {sku} » : {wanted} commandé(s), {left} restant(s).",
        "Ajoutez du stock, ou décidez vous-même de la commande avant l'échéance.",
    ),
    "ADDRESS_MISSING": (
        "La commande est à expédier mais n'a pas d'adresse de livraison.",
        "Regardez la commande sur la place de marché ; si l'adresse y est, attendez le prochain passage, sinon contactez son support.",
    ),
    "ADDRESS_REFUSED": (
        "La boutique refuse l'adresse de cette commande : {detail}.",
        "Créez la commande à la main dans la boutique et marquez-la comme traitée.",
    ),
    "COUNTRY_INACTIVE": (
        "La boutique ne livre pas le pays {country}.",
        "Activez ce pays dans la boutique ; la commande sera réessayée d'elle-même.",
    ),
    "CURRENCY_UNKNOWN": (
        "La commande est en {currency}, la boutique travaille en {expected}.",
        "Ajoutez la devise à la boutique, ou créez cette commande à la main et marquez-la comme traitée.",
    ),
    "CARRIER_UNMAPPED": (
        "Aucun transporteur de la boutique n'est choisi pour le mode de livraison « {method} ».",
        "Choisissez-en un dans le réglage `carriers` du compte.",
    ),
    "TOTAL_MISMATCH": (
        "Les lignes de la commande font {lines}, la commande indique {total}.",
        "Comparez la commande des deux côtés, puis réessayez-la ou marquez-la comme traitée.",
    ),
    "VAT_DIFFERS": (
        "La TVA de la boutique diffère de celle de la place de marché ; le total est exact.",
        "Vérifiez la règle de taxe du produit « {sku} ».",
    ),
    "ORDER_HALF_MADE": (
        "La boutique contient une commande inachevée {ref} : {detail}.",
        "Terminez-la ou supprimez-la dans la boutique, puis réessayez, ou marquez cette commande comme traitée.",
    ),
    "OUTCOME_UNKNOWN": (
        "{service} n'a pas répondu à une écriture ; son effet sera vérifié avant toute répétition.",
        "Rien à faire : le prochain passage règle la question.",
    ),
    "UNKNOWN_TWICE": (
        "{service} n'a pas répondu à cette écriture pour la deuxième fois, et la commande n'a pas été trouvée entre-temps.",
        "Cherchez la commande dans la boutique : si elle y est, marquez-la comme traitée ; sinon, réessayez-la.",
    ),
    "ORDER_MISSING": (
        "La place de marché ne connaît pas (ou plus) cette commande.",
        "Cherchez-la sur la place de marché ; si elle a disparu, ignorez-la.",
    ),
    "UNREADABLE": (
        "La commande est illisible : {detail}.",
        "Créez-la à la main dans la boutique, marquez-la comme traitée et signalez-nous cette phrase.",
    ),
    "NO_LINES": (
        "La commande n'a aucune ligne à livrer.",
        "Regardez-la sur la place de marché ; si elle est vraiment vide, ignorez-la.",
    ),
    "STATE_UNKNOWN": (
        "La place de marché donne à cette commande un état inconnu : « {platform_status} ».",
        "Rien n'est fait en attendant ; signalez-nous ce mot, ou créez la commande à la main et marquez-la comme traitée.",
    ),
    "DATA_EXPIRED": (
        "La commande a attendu si longtemps que ses données personnelles ont été effacées ici.",
        "Réessayez-la : elle sera relue sur la place de marché.",
    ),
    "SHOP_REFUSED": (
        "La boutique refuse cette commande : {detail}.",
        "Corrigez ce qu'elle indique ; la commande sera réessayée d'elle-même.",
    ),
    "DECISION_REFUSED": (
        "La place de marché refuse notre décision sur cette commande : {detail}.",
        "Décidez de la commande sur la place de marché.",
    ),
    "PARTIAL_ACCEPT_OFF": (
        "Certaines lignes ne peuvent être servies, et la place de marché n'accepte ou ne refuse que des commandes entières.",
        "Ajoutez du stock, ou décidez de la commande sur la place de marché avant l'échéance.",
    ),
    "WAITING_PAYMENT": (
        "La place de marché attend le paiement de l'acheteur.",
        "Rien à faire : la commande sera importée une fois payée.",
    ),
    "WAITING_ACCEPTANCE": (
        "La commande attend d'être acceptée.",
        "Rien à faire si orders-accept tourne ; sinon acceptez-la sur la place de marché.",
    ),
    "WAITING_FULFILMENT": (
        "La place de marché n'a pas encore expédié cette commande.",
        "Rien à faire : elle sera importée une fois expédiée.",
    ),
    "ON_HOLD": (
        "La commande est suspendue sur la place de marché.",
        "Regardez la commande sur la place de marché.",
    ),
    "BUYER_ASKS_CANCEL": (
        "L'acheteur demande l'annulation de cette commande.",
        "Acceptez ou refusez l'annulation sur la place de marché ; la commande attend.",
    ),
    "CANCELLED_IN_SHOP": (
        "La commande est annulée dans la boutique mais pas sur la place de marché.",
        "Annulez-la ou remboursez-la sur la place de marché, ou expédiez-la avant l'échéance.",
    ),
    "CANCELLED_ON_MARKETPLACE": (
        "La place de marché a annulé cette commande.",
        "Rien à faire : elle n'est pas importée, ou elle est aussi annulée dans la boutique.",
    ),
    "SHIPPED_BUT_CANCELLED": (
        "La place de marché a annulé cette commande, mais la boutique l'a déjà expédiée.",
        "Rappelez le colis ou réclamez le montant à la place de marché, puis marquez la commande comme traitée.",
    ),
    "REPLACEMENT_ORDER": (
        "Cette commande en remplace une autre : {order}.",
        "Rien à faire.",
    ),
    "DEADLINE_NEAR": (
        "La commande doit être décidée bientôt : {detail}.",
        "Ajoutez du stock ou décidez-en sur la place de marché avant l'échéance.",
    ),
    "DEADLINE_PASSED": (
        "L'échéance pour décider de cette commande est passée : {detail}.",
        "Décidez-en tout de suite sur la place de marché ; elle peut être refusée automatiquement.",
    ),
    "CREDENTIALS_REFUSED": (
        "{service} refuse notre clé : {detail}.",
        "Créez-y une nouvelle clé et enregistrez-la : marketcron account set {account} --set …, puis marketcron account check {account}.",
    ),
    "ROLE_MISSING": (
        "Notre clé n'a pas un droit nécessaire chez {service} : {detail}.",
        "Donnez-lui ce droit, puis lancez : marketcron account check {account}.",
    ),
    "REQUEST_REFUSED": (
        "{service} refuse une requête : {detail}.",
        "Lancez : marketcron account check {account}. Si tout y est bon, signalez-nous cette phrase.",
    ),
    "QUOTA_USED_UP": (
        "Le quota de la place de marché pour {operation} est épuisé jusqu'à {resume_at}[ ; il reste environ "
        "{pages_left} appels, ce passage devrait être terminé vers {through_at}].",
        "Rien à faire : le traitement reprendra de lui-même.",
    ),
    "TIME_USED_UP": (
        "Le traitement a dépassé la durée d'un passage.",
        "Rien à faire : il reprendra de lui-même.",
    ),
    "MARKETPLACE_DOWN": (
        "{service} ne répond pas correctement : {detail}.",
        "Rien à faire : le traitement reprendra de lui-même à {resume_at}. Si cela dure, regardez la page d'état de la place de marché.",
    ),
    "SHOP_DOWN": (
        "La boutique ne répond pas correctement : {detail}.",
        "Rien à faire : le traitement reprendra de lui-même à {resume_at}. Si cela dure, regardez la boutique.",
    ),
    "SHOP_SETUP": (
        "L'adresse ou la configuration de {service} est fausse : {detail}.",
        "Corrigez-la, puis lancez : marketcron account check {account}.",
    ),
    "TOO_SOON": (
        "Cette tâche vient de tourner ; le prochain passage sera utile à partir de {next_useful_at}.",
        "Rien à faire. Appelez cette URL moins souvent.",
    ),
    "TASK_LATE": (
        "Cette tâche n'a pas réussi depuis {since}.",
        "Vérifiez que son cron appelle toujours l'URL.",
    ),
    "INTERNAL": (
        "Une erreur s'est produite dans marketcron ({detail}).",
        "Rien n'est perdu ; le prochain passage continue. Si elle revient, envoyez-nous le numéro du passage et le journal.",
    ),
    "TRACKING_MISSING": (
        "La boutique a expédié cette commande sans numéro de suivi.",
        "Saisissez le numéro dans la boutique ; le prochain orders-status l'enverra. Pour expédier sans numéro, réglez without_tracking sur send.",
    ),
    "TRACKING_REFUSED": (
        "La place de marché refuse le numéro de suivi : {detail}.",
        "Corrigez le numéro dans la boutique ; le prochain orders-status l'enverra.",
    ),
    "TRACKING_URL_UNKNOWN": (
        "L'adresse de suivi de « {carrier} » demande un code postal que cette commande ne donne pas.",
        "Retirez le code postal de l'adresse dans le réglage carrier_names.",
    ),
    "CARRIER_UNKNOWN": (
        "La place de marché n'a pas de transporteur pour « {carrier} ».",
        "Indiquez le transporteur de la place de marché dans le réglage carrier_names.",
    ),
    "SHIP_REFUSED": (
        "La place de marché refuse cette expédition : {detail}.",
        "Regardez la commande sur la place de marché ; elle sera réessayée d'elle-même.",
    ),
    "SHIPMENT_NOT_SHOWN": (
        "La place de marché a pris cette expédition {times} fois et ne la montre pas.",
        "Confirmez-la à la main sur la place de marché. Pour l'annoncer encore une fois, appelez orders-status avec force=1.",
    ),
    "PARTLY_SHIPPED": (
        "Une partie seulement de cette commande est partie ; la place de marché sera informée quand tout sera parti.",
        "Rien à faire : le reste sera annoncé à son expédition.",
    ),
    "WAITING_TRACKING": (
        "La commande vient d'être expédiée ; son numéro de suivi est attendu.",
        "Rien à faire : elle sera annoncée avec son numéro, ou signalée ici une fois l'attente écoulée.",
    ),
    "DELETED_IN_SHOP": (
        "La commande a été importée, mais la boutique ne l'a plus.",
        "Rétablissez-la dans la boutique, ou annulez-la sur la place de marché ; puis marquez-la comme traitée.",
    ),
    "OFFER_REFUSED": (
        "La place de marché refuse l'offre « {sku} » : {detail}.",
        "Corrigez le produit ou l'offre ; elle sera renvoyée dès que son stock ou son prix change.",
    ),
    "NOT_LISTED": (
        "La place de marché n'a pas d'offre avec le SKU « {sku} ».",
        "Créez l'offre sur la place de marché si le produit doit y être vendu.",
    ),
    "PRICE_GUARD": (
        "Rien n'a été envoyé : les prix changeraient d'une façon rarement voulue ({detail}).",
        "Regardez les prix avec dry_run=1. S'ils sont justes, appelez l'URL une fois avec confirm={run_id}.",
    ),
    "STOCK_GUARD": (
        "Rien n'a été envoyé : {number} offres en vente sur {live} passeraient à 0.",
        "Regardez le stock avec dry_run=1. S'il est juste, appelez l'URL une fois avec confirm={run_id}.",
    ),
    "OFFERS_LOST": (
        "La place de marché ne connaît plus le lot {receipt} de {lines} offres.",
        "Rien à faire : ce qui diffère sera renvoyé.",
    ),
    "OFFERS_UNANSWERED": (
        "La place de marché n'a pas traité le lot {receipt} de {lines} offres depuis deux jours.",
        "Rien à faire ici : ce qui diffère sera renvoyé. Si cela revient, contactez le support de la place de marché.",
    ),
    "OFFERS_FAILED": (
        "La place de marché n'a pas pris un lot de {lines} offres : {detail}.",
        "Il sera renvoyé au prochain passage. Si cela revient, corrigez ce que la phrase indique.",
    ),
    "CANCELLED_THERE_ONLY": (
        "La place de marché indique {marketplace}, la boutique {shop}.",
        "Lancez orders-status : il annule la commande dans la boutique et remet ses pièces en stock.",
    ),
    "SHIPPED_HERE_ONLY": (
        "La boutique a expédié cette commande, la place de marché l'attend encore.",
        "Lancez orders-status : il informe la place de marché.",
    ),
    "SHIPPED_THERE_ONLY": (
        "La place de marché compte cette commande comme expédiée, la boutique non.",
        "Si elle est partie, marquez-la comme expédiée dans la boutique.",
    ),
    "TOTAL_DIFFERS": (
        "La place de marché indique {marketplace}, la boutique {shop}.",
        "Cherchez un remboursement, une ligne annulée ou une modification à la main, et corrigez la commande dans la boutique.",
    ),
    "UNKNOWN_THERE": (
        "La boutique a la commande {ref} ({shop}), la place de marché ne la connaît pas.",
        "Cherchez-la sur la place de marché ; si elle y a disparu, annulez-la dans la boutique.",
    ),
    "NOT_YET_IMPORTED": (
        "La commande n'est pas encore dans la boutique.",
        "Rien à faire : le prochain orders-import la crée.",
    ),
    "OFFER_DIFFERS": (
        "L'offre « {sku} » est à {marketplace} sur la place de marché, la boutique veut {shop}.",
        "Rien à faire si offers-send tourne : il envoie la différence. Sinon, regardez si un autre outil modifie vos offres.",
    ),
}
