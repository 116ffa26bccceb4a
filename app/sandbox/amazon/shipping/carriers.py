"""The carriers that Amazon knows by name; any other goes as "Other", with its name beside."""

OTHER = "Other"
CARRIERS = frozenset(
    {
        "Chronopost",
        "Colissimo",
        "La Poste",
        "Colis Prive",
        "Mondial Relay",
        "DHL",
        "DHL Express",
        "DPD",
        "GLS",
        "UPS",
        "FedEx",
        "TNT",
        "Deutsche Post",
        "Hermes",
        "Evri",
        "Royal Mail",
        "Yodel",
        "Correos",
        "SEUR",
        "MRW",
        "BRT",
        "Poste Italiane",
        "SDA",
        "PostNL",
        "bpost",
        "InPost",
        "PostNord",
        OTHER,
    }
)
