"""What connection tests and marketplaces' refusals say in French: code → sentence, code.fix → what to do."""

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {
    "QUOTA_STANDING": "Commandes par jour : {orders}. Sur les {allowed} appels {operation:name} d'une journée, {calls} ont servi ces dernières 24 heures ({share} %) ; des imports toutes les heures, des rattrapages quotidiens et orders-status toutes les 4 heures en demandent environ {needed}.",
    "QUOTA_NEARLY_USED_UP": "{calls} des {allowed} appels {operation:name} d'une journée ont servi ces dernières 24 heures ({share} %) : les rattrapages font des pauses et, un jour de pointe, les commandes arriveront en retard.",
    "QUOTA_HALF_USED": "{calls} des {allowed} appels {operation:name} d'une journée ont servi ces dernières 24 heures ({share} %) : n'appelez rien plus souvent, le reste est pour les rattrapages et les jours de pointe. La plupart, {hit_calls}, sont allés à {hit:name}.",
    "QUOTA_RARER_IMPORT": "Appelez {hit:name} moins souvent, toutes les {minutes} minutes : {hit_calls} appels en {runs} exécutions.",
    "QUOTA_RARER_CATCH_UP": "Appelez {hit:name} une fois par jour, la nuit : {hit_calls} appels en {runs} exécutions.",
    "QUOTA_SHORTER_CATCH_UP": "{hit:name} a pris {hit_calls} appels : réduisez les jours qu'il relit (lookback_days), ou appelez-le un jour sur deux.",
    "QUOTA_RARER": "Appelez {hit:name} moins souvent : {hit_calls} appels en {runs} exécutions.",
    "QUOTA_IMPORT_BETWEEN": "{orders} commandes par jour : appelez orders-import toutes les {minutes} à {most_minutes} minutes, pas plus souvent. Toutes les {minutes} minutes prend environ {needed} des {allowed} appels {operation:name} d'une journée, rattrapages compris.",
    "QUOTA_IMPORT_EVERY": "{orders} commandes par jour : appelez orders-import toutes les {minutes} minutes, pas plus souvent. Cela prend environ {needed} des {allowed} appels {operation:name} d'une journée, rattrapages compris.",
    "QUOTA_TOO_MANY_DAYS": "Des imports toutes les {minutes} minutes et des rattrapages quotidiens demandent environ {needed} des {allowed} appels {operation:name} d'une journée, c'est trop : limitez les rattrapages à {days} jours (lookback_days={days}), ou appelez recheck=1 un jour sur deux. orders-reconcile nomme ce qui manque.",
    "QUOTA_TOO_MUCH": "Des imports toutes les {minutes} minutes et des rattrapages quotidiens demandent environ {needed} des {allowed} appels {operation:name} d'une journée, c'est trop : appelez doublecheck=1 un jour sur deux. orders-reconcile nomme ce qui manque.",
    "QUOTA_CATCH_UPS": "Appelez recheck=1 et doublecheck=1 une fois par jour chacun, la nuit : ils prennent environ {recheck} et {doublecheck} appels. since= sur de nombreux jours coûte autant à chaque fois.",
    "QUOTA_LONG_CATCH_UPS": "Appelez recheck=1 et doublecheck=1 une fois par jour chacun, la nuit : ils prennent environ {recheck} et {doublecheck} appels. recheck=1 fait une pause après {at_once} et se termine environ {hours} h plus tard ; les imports continuent entre-temps.",
    "QUOTA_ACCOUNTS_SHARE": "{accounts} comptes se partagent les {allowed} appels {operation:name} d'une journée, chacun payant les siens : lisez tous les pays et les deux canaux par un seul compte.",
    "QUOTA_ONE_ACCOUNT": "Lisez tous les pays d'une région et les deux canaux par un seul compte, pas un compte par pays : un appel les liste tous ensemble, chaque compte de plus paie ses propres appels.",
    "QUOTA_ROLE": "Vérifiez que l'application a le rôle {role} : sans lui, les commandes arrivent sans adresse et attendent quelqu'un. Le test de connexion le dit.",
}
