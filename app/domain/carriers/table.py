r"""The carriers that are known: their names, the pages where a parcel can be followed, and platforms' codes.

links     the first one that takes the number counts; a carrier without any has no page that can be relied on
codes     for platforms whose list of carriers is fixed; one that answers its list (Mirakl) is matched by names

A carrier whose name only begins like another's has a row of its own, so that it is never taken for that one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Link:
    """A page that follows a parcel; `url` may hold {number} and {postcode}.

    `number` is the form of the numbers that it takes, blanks removed and in capitals; of a number with more to it, the
    page takes the group. `postcode` is the form of the delivery postcode, empty where the page needs none.
    """

    url: str
    number: str
    postcode: str = ""


@dataclass(frozen=True, slots=True)
class KnownCarrier:
    """One carrier; of one that is `french`, a country in the name means another company."""

    name: str
    aliases: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)
    french: bool = False


# Two letters, nine digits and a country: the numbers of the postal union.
_S10 = r"[A-Z]{2}\d{9}"
# For carriers that publish no form.
_ANY = r"(?=.*\d)[A-Z0-9-]{6,40}"

_LA_POSTE = (
    Link(
        "https://www.laposte.fr/outils/suivre-vos-envois?code={number}",
        rf"[68][A-Z]\d{{11}}|870\d{{11,12}}|{_S10}FR",
    ),
)
_CHRONOPOST = (
    Link(
        "https://www.chronopost.fr/tracking-no-cms/suivi-page?listeNumerosLT={number}&langue=fr",
        rf"{_S10}[A-Z]{{2}}|\d{{14}}[A-Z]",
    ),
)
_DHL_EXPRESS = (Link("https://www.dhl.com/fr-fr/home/suivi.html?tracking-id={number}&submit=1", r"\d{10}|GM\d{16,18}"),)
_DHL_PAKET = (
    Link(
        "https://www.dhl.de/de/privatkunden/dhl-sendungsverfolgung.html?piececode={number}",
        r"[CL][A-Z]\d{9}DE|00340434\d{12}|JJD[A-Z0-9]{5,30}",
    ),
)

CARRIERS = (
    KnownCarrier(
        "Colissimo",
        ("So Colissimo", "La Poste Colissimo", "Colissimo La Poste", "Coliposte"),
        _LA_POSTE,
        {"amazon": "Colissimo", "rakuten": "Colissimo"},
    ),
    KnownCarrier(
        "La Poste",
        ("Lettre suivie", "Courrier suivi"),
        _LA_POSTE,
        {"amazon": "La Poste", "rakuten": "Courrier Suivi"},
        french=True,
    ),
    KnownCarrier(
        "Chronopost",
        ("Chrono 10", "Chrono 13", "Chrono 18", "Chrono 10h", "Chrono 13h", "Chrono 18h", "Chrono Relais"),
        _CHRONOPOST,
        {"amazon": "Chronopost", "rakuten": "Chronopost"},
    ),
    KnownCarrier(
        "Shop2Shop",
        ("Chronopost Shop2Shop", "Shop2Shop Chronopost", "Shop2Shop by Chronopost", "Shop2Shop par Chronopost"),
        _CHRONOPOST,
    ),
    KnownCarrier(
        "Mondial Relay",
        ("InPost Mondial Relay", "Mondial Relay InPost", "Mondial Relay by InPost"),
        (
            Link(
                "https://www.mondialrelay.fr/suivi-de-colis/?numeroExpedition={number}&codePostal={postcode}",
                r"\d{8}|\d{10}|\d{12}|(\d{12})\d{14}",
                postcode=r"\d{5}",
            ),
        ),
        {"amazon": "Mondial Relay", "rakuten": "Mondial Relay"},
        french=True,
    ),
    KnownCarrier(
        "Relais Colis",
        links=(
            Link(
                "https://service.relaiscolis.com/wssuivicoliscritere/PageSuivi.aspx?Ref={number}",
                r"CC\d{10,14}|\d{10}|\d{14}|\d[A-Z]\d{12}",
            ),
        ),
    ),
    KnownCarrier(
        "Colis Privé",
        links=(
            # 17 characters hold the postcode already; without it a search form opens.
            Link(
                "https://colisprive.com/moncolis/pages/detailColis.aspx?numColis={number}&lang=fr",
                r"[A-Z0-9]{17}",
            ),
            Link(
                "https://colisprive.com/moncolis/pages/detailColis.aspx?numColis={number}{postcode}&lang=fr",
                r"[A-Z0-9]{12}",
                postcode=r"\d{4,5}",
            ),
        ),
        codes={"amazon": "Colis Prive", "rakuten": "Colis Prive"},
    ),
    KnownCarrier(
        "DPD",
        ("DPD France", "DPD Predict", "DPD Pickup", "Predict"),
        (
            Link("https://trace.dpd.fr/fr/trace/{number}", r"250\d{12}|[01]\d{11,14}"),
            # What its own module for shops writes: reference, depot and shipper.
            Link("https://trace.dpd.fr/tracex_{number}", r"[A-Z0-9-]+_\d{4,20}"),
        ),
        {"amazon": "DPD", "rakuten": "DPD"},
        french=True,
    ),
    KnownCarrier("DPD Germany", ("DPD Allemagne", "DPD Deutschland"), codes={"rakuten": "DPD Germany"}),
    KnownCarrier("DPD UK", ("DPD Royaume-Uni", "DPD United Kingdom"), codes={"rakuten": "DPD UK"}),
    KnownCarrier(
        "GLS",
        ("GLS France",),
        (Link("https://moncolis.gls-france.com/fr/{number}", r"[A-Z0-9]{8}|\d{11}|(\d{11})\d"),),
        {"amazon": "GLS", "rakuten": "GLS"},
        french=True,
    ),
    KnownCarrier(
        "UPS",
        ("United Parcel Service",),
        (Link("https://www.ups.com/track?loc=fr_FR&tracknum={number}", r"1Z[A-Z0-9]{16}"),),
        {"amazon": "UPS", "rakuten": "UPS"},
    ),
    KnownCarrier(
        "FedEx",
        ("Federal Express",),
        (Link("https://www.fedex.com/fedextrack/?trknbr={number}", r"\d{12}|\d{15}"),),
        {"amazon": "FedEx", "rakuten": "Fedex"},
    ),
    KnownCarrier(
        "TNT",
        (),
        (
            Link(
                "https://www.tnt.fr/public/suivi_colis/recherche/visubontransport.do?bonTransport={number}",
                r"\d{16}",
            ),
            Link(
                "https://www.tnt.com/express/en_gb/site/shipping-tools/tracking.html?searchType=con&cons={number}",
                r"\d{9}",
            ),
        ),
        {"amazon": "TNT", "rakuten": "TNT"},
    ),
    KnownCarrier("DHL", (), _DHL_EXPRESS + _DHL_PAKET, {"amazon": "DHL", "rakuten": "DHL"}),
    KnownCarrier("DHL Express", (), _DHL_EXPRESS, {"amazon": "DHL Express"}),
    KnownCarrier("DHL eCommerce", (), _DHL_EXPRESS),
    KnownCarrier("DHL Paket", (), _DHL_PAKET),
    KnownCarrier("DHL Parcel"),
    KnownCarrier("DHL Freight"),
    KnownCarrier("Deutsche Post", (), _DHL_PAKET, {"amazon": "Deutsche Post"}),
    KnownCarrier("Deutsche Post Brief"),
    KnownCarrier(
        "Geodis",
        ("Calberson", "Geodis Calberson"),
        (Link("https://edesti.com/{number}", r"1G[A-Z0-9]{10}"),),
        {"rakuten": "Geodis"},
    ),
    KnownCarrier(
        "Heppner",
        links=(
            # The buyer types number and postcode there.
            Link("https://www.heppner-group.com/destinataire-suivez-votre-marchandise/", r"\d{8}"),
        ),
    ),
    KnownCarrier(
        "Kuehne + Nagel",
        ("Kühne + Nagel",),
        (Link("https://mykn.kuehne-nagel.com/public-tracking/shipments?query={number}", _ANY),),
    ),
    KnownCarrier(
        "DB Schenker",
        ("Schenker",),
        (Link("https://www.dbschenker.com/app/tracking-public/?refNumber={number}", _ANY),),
    ),
    KnownCarrier(
        "Ciblex",
        links=(
            Link(
                "https://secure.extranet.ciblex.fr/extranet/client/corps.php?module=colis&colis={number}",
                r"\d{14}|\d{24}",
            ),
        ),
    ),
    KnownCarrier("Amazon Shipping", (), (Link("https://track.amazon.fr/tracking/{number}", r"FR\d{10}"),)),
    KnownCarrier(
        "PostNL",
        ("PostNL International",),
        (Link("https://postnl.post/track?barcodes={number}", rf"{_S10}NL"),),
        {"amazon": "PostNL", "rakuten": "PostNL International"},
    ),
    KnownCarrier(
        "Bpost",
        ("La Poste belge", "La Poste Belgique"),
        (
            Link(
                "https://track.bpost.cloud/btr/web/#/search?itemCode={number}&lang=fr&postalCode={postcode}",
                rf"\d{{18}}|\d{{24}}|{_S10}BE",
                postcode=r"[A-Z0-9-]{3,10}",
            ),
            Link(
                "https://track.bpost.cloud/btr/web/#/search?itemCode={number}&lang=fr",
                rf"\d{{18}}|\d{{24}}|{_S10}BE",
            ),
        ),
        {"amazon": "bpost", "rakuten": "Bpost"},
    ),
    KnownCarrier(
        "Swiss Post",
        ("La Poste Suisse", "Poste Suisse", "Die Schweizerische Post"),
        (Link("https://service.post.ch/ekp-web/ui/entry/search/{number}", rf"9[89]\d{{16}}|{_S10}CH"),),
        {"rakuten": "Swiss Post"},
    ),
    KnownCarrier(
        "Royal Mail",
        (),
        (Link("https://www.royalmail.com/portal/rm/track?trackNumber={number}", rf"{_S10}GB"),),
        {"amazon": "Royal Mail", "rakuten": "Royal Mail"},
    ),
    KnownCarrier(
        "Correos",
        (),
        (
            Link(
                "https://www.correos.es/es/es/herramientas/localizador/envios/detalle?tracking-number={number}",
                rf"PR\d{{15}}C|{_S10}ES",
            ),
        ),
        {"amazon": "Correos"},
    ),
    KnownCarrier("Correos Express"),
    KnownCarrier(
        "Poste Italiane",
        (),
        (
            Link(
                "https://www.poste.it/cerca/index.html#/risultati-spedizioni/{number}",
                r"RA\d{11}|[13]UW[A-Z0-9]{5,20}",
            ),
        ),
        {"amazon": "Poste Italiane"},
    ),
    KnownCarrier(
        "BRT",
        ("Bartolini", "BRT Bartolini"),
        (Link("https://vas.brt.it/vas/sped_det_new.htm?brtCode={number}&lang=en", r"\d{14}"),),
        {"amazon": "BRT"},
    ),
    KnownCarrier("Asendia", (), (Link("https://track.asendia.com/track/{number}", r"ASE[A-Z0-9]{8,37}"),)),
    KnownCarrier("4PX", (), (Link("https://track.4px.com/#/result/0/{number}", r"4PX\d{13}CN"),), {"rakuten": "4PX"}),
    KnownCarrier(
        "Yun Express",
        (),
        (Link("https://www.yuntrack.com/parcelTracking?id={number}", r"YT\d{16}"),),
        {"rakuten": "Yun Express"},
    ),
    KnownCarrier("Cainiao", (), (Link("https://global.cainiao.com/detail.htm?mailNoList={number}", _ANY),)),
    KnownCarrier(
        "SF Express",
        (),
        (
            Link(
                "https://htm.sf-express.com/tw/en/dynamic_function/waybill/#search/bill-number/{number}",
                r"SF\d{13}|\d{12}",
            ),
        ),
        {"rakuten": "S.F. Express"},
    ),
    KnownCarrier(
        "CNE",
        ("CNE Express",),
        (Link("https://www.cne.com/en/track?no={number}", _ANY),),
        {"rakuten": "CNE Express"},
    ),
    KnownCarrier(
        "Sunyou",
        ("Sunyou Post",),
        (Link("https://sypost.net/search?orderNo={number}", r"SY[A-Z]{0,2}\d{9,11}"),),
    ),
    KnownCarrier(
        "Landmark Global",
        ("Landmark",),
        (Link("https://track.landmarkglobal.com/?search={number}", r"LTN\d{8,9}(?:N1)?"),),
    ),
    KnownCarrier("France Express", codes={"rakuten": "France Express"}),
    KnownCarrier("Hermes", codes={"amazon": "Hermes"}),
    KnownCarrier("Evri", codes={"amazon": "Evri"}),
    KnownCarrier("Yodel", codes={"amazon": "Yodel"}),
    KnownCarrier("SEUR", codes={"amazon": "SEUR"}),
    KnownCarrier("MRW", codes={"amazon": "MRW"}),
    KnownCarrier("SDA", codes={"amazon": "SDA"}),
    KnownCarrier("InPost", codes={"amazon": "InPost"}),
    KnownCarrier("PostNord", codes={"amazon": "PostNord"}),
    KnownCarrier("China EMS", codes={"rakuten": "China EMS"}),
    KnownCarrier("Singapore Post", codes={"rakuten": "Singapore Post"}),
    KnownCarrier("Hong Kong Post", codes={"rakuten": "Hong Kong Post"}),
    KnownCarrier("Tatex", codes={"rakuten": "Tatex"}),
    KnownCarrier("Kiala", codes={"rakuten": "Kiala"}),
    # Its domain is said to have changed hands: never link there.
    KnownCarrier("Cubyn", codes={"rakuten": "Cubyn"}),
    KnownCarrier("WeDo Logistics", codes={"rakuten": "WeDo Logistics"}),
    KnownCarrier("B2C Europe", codes={"rakuten": "B2C Europe"}),
    KnownCarrier("TrackYourParcel", codes={"rakuten": "TrackYourParcel"}),
    KnownCarrier("VIR"),
    KnownCarrier("Dachser"),
    KnownCarrier("Yanwen"),
)

# What makes of a French carrier's name that of a company elsewhere.
COUNTRIES = (
    *("Allemagne", "Germany", "Deutschland", "Autriche", "Austria", "Österreich", "Belgique", "Belgium", "België"),
    *("Danemark", "Denmark", "Espagne", "Spain", "España", "Irlande", "Ireland", "Italie", "Italy", "Italia"),
    *("Luxembourg", "Pays-Bas", "Netherlands", "Nederland", "Pologne", "Poland", "Polska", "Portugal"),
    *("Royaume-Uni", "United Kingdom", "UK", "Suisse", "Switzerland", "Schweiz", "Svizzera"),
)
# The same as the last word of a name; elsewhere they are words of other languages.
COUNTRY_CODES = ("AT", "BE", "CH", "DE", "DK", "ES", "GB", "IE", "IT", "LU", "NL", "PL", "PT")
