"""Which carrier of the marketplace is meant, and where a parcel can be followed."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.carriers.lookup import CarrierName, carriers_of, known, resolve, tracking_url
from app.domain.carriers.table import CARRIERS, KnownCarrier
from app.domain.shipment import Carrier, ShippingOptions

COLIS = Carrier(code="colis_sbx", label="Colis SBX", standard_code="SBX-COLIS")
RELAIS = Carrier(code="relais", label="Relais & Compagnie")


def options(*, others: bool = True) -> ShippingOptions:
    return ShippingOptions(carriers=[COLIS, RELAIS], other_carriers=others, tracking_required=frozenset())


@pytest.mark.parametrize("name", ["colis_sbx", "Colis SBX", "COLIS-SBX", "sbx colis", "relais"])
def test_a_carrier_is_found_by_code_label_or_standard_code(name: str) -> None:
    wanted = {"relais": RELAIS}.get(name, COLIS)

    assert resolve(name, names={}, options=options()) == wanted


def test_the_merchants_word_comes_first() -> None:
    names = {"Colis SBX": CarrierName(carrier="relais")}

    assert resolve("Colis SBX", names=names, options=options()) == RELAIS


def test_an_unlisted_carrier_goes_by_its_name_where_that_is_allowed() -> None:
    names = {"Chez nous": CarrierName(carrier="Coursier Dupont")}

    assert resolve("Pigeon", names={}, options=options()) == Carrier(code="", label="Pigeon")
    assert resolve("Chez nous", names=names, options=options()) == Carrier(code="", label="Coursier Dupont")
    assert resolve("Pigeon", names={}, options=options(others=False)) is None


@pytest.mark.parametrize("others", [True, False])
def test_no_name_is_no_carrier(others: bool) -> None:
    assert resolve("", names={}, options=options(others=others)) is None


def test_a_carrier_without_a_standard_code_is_not_found_by_an_empty_one() -> None:
    assert resolve("--", names={}, options=options(others=False)) is None


def test_an_address_is_made_of_number_and_postcode() -> None:
    names = {"Coursier": CarrierName(url="https://suivi.example/{number}?cp={postcode}")}

    url = tracking_url("Coursier", names=names, number="8X/1 é", postcode="75001")

    assert url == "https://suivi.example/8X%2F1%20%C3%A9?cp=75001"


def test_without_a_template_there_is_no_address() -> None:
    assert tracking_url("Coursier", names={}, number="8X1", postcode="75001") == ""


def test_a_template_that_needs_an_unknown_postcode_can_not_be_filled() -> None:
    names = {"Coursier": CarrierName(url="https://suivi.example/{number}/{postcode}")}

    assert tracking_url("Coursier", names=names, number="8X1", postcode="") is None
    assert tracking_url("Other", names=names, number="8X1", postcode="") == ""


@dataclass(frozen=True)
class Row:
    """What is expected of one row of the table: where numbers lead, all with postcode 75001, and which have no page."""

    name: str
    pages: Sequence[tuple[str, str]] = ()
    refused: Sequence[str] = ()


LA_POSTE = "https://www.laposte.fr/outils/suivre-vos-envois?code="
CHRONOPOST = "https://www.chronopost.fr/tracking-no-cms/suivi-page?listeNumerosLT={}&langue=fr"
COLIS_PRIVE = "https://colisprive.com/moncolis/pages/detailColis.aspx?numColis={}&lang=fr"
MONDIAL_RELAY = "https://www.mondialrelay.fr/suivi-de-colis/?numeroExpedition={}&codePostal=75001"
GLS = "https://moncolis.gls-france.com/fr/"
DHL = "https://www.dhl.com/fr-fr/home/suivi.html?tracking-id={}&submit=1"
DHL_PAKET = "https://www.dhl.de/de/privatkunden/dhl-sendungsverfolgung.html?piececode="
TNT_FRANCE = "https://www.tnt.fr/public/suivi_colis/recherche/visubontransport.do?bonTransport="
TNT = "https://www.tnt.com/express/en_gb/site/shipping-tools/tracking.html?searchType=con&cons="
BPOST = "https://track.bpost.cloud/btr/web/#/search?itemCode={}&lang=fr&postalCode=75001"

SIX_A = ("6A01234567890", LA_POSTE + "6A01234567890")
EXPRESS = [("1234567890", DHL.format("1234567890")), ("GM" + "1" * 16, DHL.format("GM" + "1" * 16))]
PAKET = [(n, DHL_PAKET + n) for n in ("CA123456789DE", "00340434" + "1" * 12, "JJD0123456789")]

ROWS = [
    Row("Colissimo", [SIX_A, ("lb 123 456 789 fr", LA_POSTE + "LB123456789FR")], ["6A1", "LB123456789DE"]),
    Row("La Poste", [SIX_A, ("87001234567890", LA_POSTE + "87001234567890")], ["9X01234567890", "8701"]),
    Row("Chronopost", [(n, CHRONOPOST.format(n)) for n in ("XY123456789FR", "1" * 14 + "A")], ["1" * 14, "XY1FR"]),
    Row("Shop2Shop", [("XY123456789FR", CHRONOPOST.format("XY123456789FR"))], ["12345678"]),
    Row(
        "Mondial Relay",
        [(n, MONDIAL_RELAY.format(n[:12])) for n in ("1" * 8, "1" * 10, "1" * 12, "123456789012" + "3" * 14)],
        ["1" * 9, "1" * 13, "A1234567"],
    ),
    Row(
        "Relais Colis",
        [
            (n, f"https://service.relaiscolis.com/wssuivicoliscritere/PageSuivi.aspx?Ref={n}")
            for n in ("CC" + "1" * 12, "1" * 10, "1" * 14, "4H" + "1" * 12)
        ],
        ["1" * 11],
    ),
    Row(
        "Colis Privé",
        [("AB1234567890", COLIS_PRIVE.format("AB123456789075001")), ("1" * 17, COLIS_PRIVE.format("1" * 17))],
        ["AB123"],
    ),
    Row(
        "DPD",
        [
            ("250" + "1" * 12, "https://trace.dpd.fr/fr/trace/250" + "1" * 12),
            ("CMD-1_0771234", "https://trace.dpd.fr/tracex_CMD-1_0771234"),
        ],
        ["9" * 14, "CMD_A"],
    ),
    Row("GLS", [("00AB12CD", GLS + "00AB12CD"), ("123456789012", GLS + "12345678901")], ["1" * 10, "1" * 13]),
    Row(
        "UPS",
        [("1Z" + "A" * 16, "https://www.ups.com/track?loc=fr_FR&tracknum=1Z" + "A" * 16)],
        ["1Z1", "2Z" + "A" * 16],
    ),
    Row("FedEx", [(n, f"https://www.fedex.com/fedextrack/?trknbr={n}") for n in ("1" * 12, "1" * 15)], ["1" * 13]),
    Row("TNT", [("1" * 16, TNT_FRANCE + "1" * 16), ("1" * 9, TNT + "1" * 9)], ["1" * 10]),
    Row("DHL", [*EXPRESS, *PAKET], ["1" * 11]),
    Row("DHL Express", EXPRESS, [n for n, _ in PAKET]),
    Row("DHL eCommerce", EXPRESS, [n for n, _ in PAKET]),
    Row("DHL Paket", PAKET, [n for n, _ in EXPRESS]),
    Row("Deutsche Post", PAKET, ["RA123456789DE"]),
    Row("Geodis", [("1GABCDEFGH12", "https://edesti.com/1GABCDEFGH12")], ["4512345678"]),
    Row("Heppner", [("1" * 8, "https://www.heppner-group.com/destinataire-suivez-votre-marchandise/")], ["1" * 9]),
    Row(
        "Kuehne + Nagel",
        [("4012-345678", "https://mykn.kuehne-nagel.com/public-tracking/shipments?query=4012-345678")],
        ["AUCUN-NUMERO", "1"],
    ),
    Row("DB Schenker", [("ABC123456", "https://www.dbschenker.com/app/tracking-public/?refNumber=ABC123456")], ["N/A"]),
    Row(
        "Ciblex",
        [
            (n, f"https://secure.extranet.ciblex.fr/extranet/client/corps.php?module=colis&colis={n}")
            for n in ("1" * 14, "1" * 24)
        ],
        ["1" * 15],
    ),
    Row("Amazon Shipping", [("FR0123456789", "https://track.amazon.fr/tracking/FR0123456789")], ["DE0123456789"]),
    Row("PostNL", [("RB123456789NL", "https://postnl.post/track?barcodes=RB123456789NL")], ["RB123456789BE"]),
    Row("Bpost", [(n, BPOST.format(n)) for n in ("1" * 18, "1" * 24, "RB123456789BE")], ["1" * 19]),
    Row(
        "Swiss Post",
        [(n, f"https://service.post.ch/ekp-web/ui/entry/search/{n}") for n in ("99" + "1" * 16, "RB123456789CH")],
        ["97" + "1" * 16],
    ),
    Row(
        "Royal Mail",
        [("RB123456789GB", "https://www.royalmail.com/portal/rm/track?trackNumber=RB123456789GB")],
        ["RB123456789FR"],
    ),
    Row(
        "Correos",
        [
            (n, f"https://www.correos.es/es/es/herramientas/localizador/envios/detalle?tracking-number={n}")
            for n in ("PR" + "1" * 15 + "C", "RB123456789ES")
        ],
        ["PR1C"],
    ),
    Row(
        "Poste Italiane",
        [
            (n, f"https://www.poste.it/cerca/index.html#/risultati-spedizioni/{n}")
            for n in ("RA01234567890", "1UW1ABC234567")
        ],
        ["2UW1ABC234567"],
    ),
    Row(
        "BRT",
        [("1" * 14, "https://vas.brt.it/vas/sped_det_new.htm?brtCode=11111111111111&lang=en")],
        ["1" * 12],
    ),
    Row("Asendia", [("ASE12345678", "https://track.asendia.com/track/ASE12345678")], ["ASE1"]),
    Row("4PX", [("4PX1234567890123CN", "https://track.4px.com/#/result/0/4PX1234567890123CN")], ["4PX1CN"]),
    Row("Yun Express", [("YT" + "1" * 16, "https://www.yuntrack.com/parcelTracking?id=YT" + "1" * 16)], ["YT1"]),
    Row("Cainiao", [("LP00123456789", "https://global.cainiao.com/detail.htm?mailNoList=LP00123456789")], ["-"]),
    Row(
        "SF Express",
        [
            (n, f"https://htm.sf-express.com/tw/en/dynamic_function/waybill/#search/bill-number/{n}")
            for n in ("SF" + "1" * 13, "1" * 12)
        ],
        ["SF1"],
    ),
    Row("CNE", [("3A5V123456", "https://www.cne.com/en/track?no=3A5V123456")], ["oui"]),
    Row("Sunyou", [("SYBA12345678901", "https://sypost.net/search?orderNo=SYBA12345678901")], ["SYBAE12345678901"]),
    Row(
        "Landmark Global",
        [(n, f"https://track.landmarkglobal.com/?search={n}") for n in ("LTN12345678", "LTN123456789N1")],
        ["LTN1", "N1"],
    ),
]
BY_NAME = {row.name: row for row in ROWS}


def link(name: str, number: str, postcode: str = "75001") -> str | None:
    return tracking_url(name, names={}, number=number, postcode=postcode)


@pytest.mark.parametrize("carrier", CARRIERS, ids=lambda carrier: carrier.name)
def test_every_row_is_found_by_its_names_and_leads_valid_numbers_alone_to_its_page(carrier: KnownCarrier) -> None:
    row = BY_NAME.get(carrier.name, Row(carrier.name))

    assert bool(row.pages) == bool(carrier.links)
    for name in (carrier.name, *carrier.aliases, *carrier.codes.values()):
        for spelled in (name, name.upper(), name.lower().replace(" ", "-"), f"  {name} - à domicile (48 h)"):
            assert known(spelled) is carrier, spelled
            assert [link(spelled, number) for number, _ in row.pages] == [page for _, page in row.pages]
    for number in (*row.refused, "", "-", "N/A", "oui", "é" * 13, "<script>", "1Z 999/../x?y=1"):
        assert link(carrier.name, number) == "", number


@pytest.mark.parametrize("platform", ["amazon", "rakuten"])
def test_every_row_is_the_platforms_carrier_by_all_its_names(platform: str) -> None:
    listed = ShippingOptions(carriers=carriers_of(platform), other_carriers=False, tracking_required=frozenset())

    for carrier in CARRIERS:
        for name in (carrier.name, *carrier.aliases):
            found = resolve(name, names={}, options=listed)
            assert (found.code if found else "") == carrier.codes.get(platform, ""), name


@pytest.mark.parametrize(
    ("name", "carrier"),
    [
        ("Colissimo - Livraison à domicile", "Colissimo"),
        ("LA POSTE – Colissimo (avec signature)", "Colissimo"),
        ("Livraison Colissimo Belgique", "Colissimo"),
        ("La Poste : lettre suivie", "La Poste"),
        ("COLIS PRIVE domicile", "Colis Privé"),
        ("DPD France", "DPD"),
        ("GLS FR", "GLS"),
        ("MondialRelay point relais", "Mondial Relay"),
        ("U.P.S. Standard", "UPS"),
        ("KUEHNE+NAGEL", "Kuehne + Nagel"),
        ("GEODIS", "Geodis"),
        ("DHL Parcel France", "DHL Parcel"),
        ("La Poste Suisse", "Swiss Post"),
        ("Correos Express", "Correos Express"),
    ],
)
def test_a_carrier_is_known_whatever_stands_around_its_name(name: str, carrier: str) -> None:
    found = known(name)

    assert found is not None
    assert found.name == carrier


@pytest.mark.parametrize(
    "name",
    [
        *("", "--", "Coursier Dupont", "Point relais", "Retrait en magasin", "Store pickup", "Groups", "Colis"),
        *("Colissimo ou Mondial Relay", "DPD / GLS", "GLS-ITALY", "GLS Italie", "DPD BE", "Mondial Relay España"),
    ],
)
def test_no_carrier_is_guessed_from_no_name_from_two_or_from_one_of_another_country(name: str) -> None:
    assert known(name) is None
    assert link(name, "1" * 12) == ""


@pytest.mark.parametrize(
    ("name", "number", "postcode", "page"),
    [
        ("Mondial Relay", "12345678", "", ""),
        ("Mondial Relay", "12345678", "1000", ""),
        ("Mondial Relay", "12345678", " 75 001 ", MONDIAL_RELAY.format("12345678")),
        ("Colis Privé", "AB1234567890", "", ""),
        ("Colis Privé", "AB1234567890", "1000", COLIS_PRIVE.format("AB12345678901000")),
        ("Colis Privé", "1" * 17, "", COLIS_PRIVE.format("1" * 17)),
        ("Bpost", "1" * 18, "", BPOST.format("1" * 18).removesuffix("&postalCode=75001")),
    ],
)
def test_a_page_that_needs_the_postcode_is_named_only_with_it(name: str, number: str, postcode: str, page: str) -> None:
    assert link(name, number, postcode) == page


def test_the_merchants_word_and_template_come_before_the_table() -> None:
    template = {"Colissimo": CarrierName(url="https://suivi.example/{number}")}
    word = {"Transporteur A": CarrierName(carrier="Colissimo"), "Chronopost": CarrierName(carrier="Coursier Dupont")}

    assert tracking_url("Colissimo", names=template, number="6A01234567890", postcode="") == (
        "https://suivi.example/6A01234567890"
    )
    assert tracking_url("Transporteur A", names=word, number=SIX_A[0], postcode="") == SIX_A[1]
    assert tracking_url("Chronopost", names=word, number="XY123456789FR", postcode="") == ""


def test_a_listed_carrier_is_found_by_the_only_alias_that_is_listed() -> None:
    def listed(*labels: str) -> ShippingOptions:
        carriers = [Carrier(code=f"C{place}", label=label) for place, label in enumerate(labels)]
        return ShippingOptions(carriers=carriers, other_carriers=False, tracking_required=frozenset())

    def code(*labels: str) -> str | None:
        found = resolve("DPD - Livraison à domicile", names={}, options=listed(*labels))
        return found.code if found else None

    assert code("DPD Predict", "DPD") == "C1"
    assert code("Colissimo", "DPD France") == "C1"
    assert code("DPD Predict", "DPD Pickup") is None
    assert code("DPD Germany") is None


NAMES = st.one_of(
    st.text(max_size=60), st.sampled_from([name for row in CARRIERS for name in (row.name, *row.aliases)])
)
NUMBERS = st.one_of(
    st.text(alphabet=st.characters(), max_size=40),
    st.sampled_from([number for row in ROWS for number, _ in row.pages]),
)
TEMPLATES = st.sampled_from(["", "https://suivi.example/{number}?cp={postcode}"])


@given(name=NAMES, around=st.text(max_size=10), number=NUMBERS, postcode=NUMBERS, template=TEMPLATES)
def test_no_text_raises_and_no_address_has_raw_signs(
    name: str, around: str, number: str, postcode: str, template: str
) -> None:
    shop_name = f"{name} {around}"
    names = {shop_name: CarrierName(url=template)} if template else {}

    url = tracking_url(shop_name, names=names, number=number, postcode=postcode)

    resolve(shop_name, names=names, options=options())
    assert all("!" <= sign <= "~" and sign not in '<>"\\^`{|}' for sign in url or "")
    assert not url or (urlsplit(url).scheme, bool(urlsplit(url).hostname)) == ("https", True)
