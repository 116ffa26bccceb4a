"""The sentences of `quota_advice.py`, in English and French."""

from collections.abc import Mapping

from app.domain.reasons import Language

SENTENCES: Mapping[str, Mapping[Language, str]] = {
    "STANDING": {
        "en": "Orders a day: {orders}. Of the {allowed} {operation} calls of a day, {calls} were used in the last 24 "
        "hours ({share} %); imports every hour, catch-ups once a day and orders-status every 4 hours need about "
        "{needed}.",
        "fr": "Commandes par jour : {orders}. Sur les {allowed} appels {operation} d'une journée, {calls} ont servi "
        "ces dernières 24 heures ({share} %) ; des imports toutes les heures, des rattrapages quotidiens et "
        "orders-status toutes les 4 heures en demandent environ {needed}.",
    },
    "NEARLY_USED_UP": {
        "en": "{calls} of the {allowed} {operation} calls of a day were used in the last 24 hours ({share} %): "
        "catch-ups pause, and on a busy day new orders come late.",
        "fr": "{calls} des {allowed} appels {operation} d'une journée ont servi ces dernières 24 heures ({share} %) : "
        "les rattrapages font des pauses et, un jour de pointe, les commandes arriveront en retard.",
    },
    "HALF_USED": {
        "en": "{calls} of the {allowed} {operation} calls of a day were used in the last 24 hours ({share} %): call "
        "nothing more often, the rest is for catch-ups and busy days. Most, {hit_calls}, went to {hit}.",
        "fr": "{calls} des {allowed} appels {operation} d'une journée ont servi ces dernières 24 heures ({share} %) : "
        "n'appelez rien plus souvent, le reste est pour les rattrapages et les jours de pointe. La plupart, "
        "{hit_calls}, sont allés à {hit}.",
    },
    "RARER_IMPORT": {
        "en": "Call {hit} less often, every {minutes} minutes: it used {hit_calls} calls in {runs} runs.",
        "fr": "Appelez {hit} moins souvent, toutes les {minutes} minutes : {hit_calls} appels en {runs} exécutions.",
    },
    "RARER_CATCH_UP": {
        "en": "Call {hit} once a day, at night: it used {hit_calls} calls in {runs} runs.",
        "fr": "Appelez {hit} une fois par jour, la nuit : {hit_calls} appels en {runs} exécutions.",
    },
    "SHORTER_CATCH_UP": {
        "en": "{hit} used {hit_calls} calls: let it look back fewer days (lookback_days), or call it every second day.",
        "fr": "{hit} a pris {hit_calls} appels : réduisez les jours qu'il relit (lookback_days), ou appelez-le un jour "
        "sur deux.",
    },
    "RARER": {
        "en": "Call {hit} less often: it used {hit_calls} calls in {runs} runs.",
        "fr": "Appelez {hit} moins souvent : {hit_calls} appels en {runs} exécutions.",
    },
    "IMPORT_BETWEEN": {
        "en": "{orders} orders a day: call orders-import every {minutes} to {most_minutes} minutes, not more often. "
        "Every {minutes} minutes takes about {needed} of {allowed} {operation} calls a day, catch-ups included.",
        "fr": "{orders} commandes par jour : appelez orders-import toutes les {minutes} à {most_minutes} minutes, pas "
        "plus souvent. Toutes les {minutes} minutes prend environ {needed} des {allowed} appels {operation} d'une "
        "journée, rattrapages compris.",
    },
    "IMPORT_EVERY": {
        "en": "{orders} orders a day: call orders-import every {minutes} minutes, not more often. That takes "
        "about {needed} of {allowed} {operation} calls a day, catch-ups included.",
        "fr": "{orders} commandes par jour : appelez orders-import toutes les {minutes} minutes, pas plus souvent. "
        "Cela prend environ {needed} des {allowed} appels {operation} d'une journée, rattrapages compris.",
    },
    "TOO_MANY_DAYS": {
        "en": "Imports every {minutes} minutes and daily catch-ups need about {needed} of {allowed} {operation} calls "
        "a day, which is too much: let catch-ups look back {days} days (lookback_days={days}), or call recheck=1 every "
        "second day. orders-reconcile names what is missed.",
        "fr": "Des imports toutes les {minutes} minutes et des rattrapages quotidiens demandent environ {needed} des "
        "{allowed} appels {operation} d'une journée, c'est trop : limitez les rattrapages à {days} jours "
        "(lookback_days={days}), ou appelez recheck=1 un jour sur deux. orders-reconcile nomme ce qui manque.",
    },
    "TOO_MUCH": {
        "en": "Imports every {minutes} minutes and daily catch-ups need about {needed} of {allowed} {operation} calls "
        "a day, which is too much: call doublecheck=1 every second day. orders-reconcile names what is missed.",
        "fr": "Des imports toutes les {minutes} minutes et des rattrapages quotidiens demandent environ {needed} des "
        "{allowed} appels {operation} d'une journée, c'est trop : appelez doublecheck=1 un jour sur deux. "
        "orders-reconcile nomme ce qui manque.",
    },
    "CATCH_UPS": {
        "en": "Call recheck=1 and doublecheck=1 once a day each, at night: they take about {recheck} and "
        "{doublecheck} calls. since= with many days costs as much each time.",
        "fr": "Appelez recheck=1 et doublecheck=1 une fois par jour chacun, la nuit : ils prennent environ "
        "{recheck} et {doublecheck} appels. since= sur de nombreux jours coûte autant à chaque fois.",
    },
    "LONG_CATCH_UPS": {
        "en": "Call recheck=1 and doublecheck=1 once a day each, at night: they take about {recheck} and "
        "{doublecheck} calls. recheck=1 pauses after {at_once} and is through about {hours} h later; imports go on "
        "meanwhile.",
        "fr": "Appelez recheck=1 et doublecheck=1 une fois par jour chacun, la nuit : ils prennent environ "
        "{recheck} et {doublecheck} appels. recheck=1 fait une pause après {at_once} et se termine environ {hours} h "
        "plus tard ; les imports continuent entre-temps.",
    },
    "ACCOUNTS_SHARE": {
        "en": "{accounts} accounts share the {allowed} {operation} calls of a day, and each pays its own: read all "
        "countries and both channels through one account.",
        "fr": "{accounts} comptes se partagent les {allowed} appels {operation} d'une journée, chacun payant les "
        "siens : lisez tous les pays et les deux canaux par un seul compte.",
    },
    "ONE_ACCOUNT": {
        "en": "Read all countries of a region and both channels through one account, not one account per country: a "
        "call lists them all together, every further account pays its own calls.",
        "fr": "Lisez tous les pays d'une région et les deux canaux par un seul compte, pas un compte par pays : un "
        "appel les liste tous ensemble, chaque compte de plus paie ses propres appels.",
    },
    "ROLE": {
        "en": "Make sure that the application has the role {role}: without it orders come without addresses and wait "
        "for somebody. The connection test tells.",
        "fr": "Vérifiez que l'application a le rôle {role} : sans lui, les commandes arrivent sans adresse et "
        "attendent quelqu'un. Le test de connexion le dit.",
    },
}
