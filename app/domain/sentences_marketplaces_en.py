"""What connection tests and marketplaces' refusals say in English: code → sentence, code.fix → what to do."""

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {
    "QUOTA_STANDING": "Orders a day: {orders}. Of the {allowed} {operation:name} calls of a day, {calls} were used in the last 24 hours ({share} %); imports every hour, catch-ups once a day and orders-status every 4 hours need about {needed}.",
    "QUOTA_NEARLY_USED_UP": "{calls} of the {allowed} {operation:name} calls of a day were used in the last 24 hours ({share} %): catch-ups pause, and on a busy day new orders come late.",
    "QUOTA_HALF_USED": "{calls} of the {allowed} {operation:name} calls of a day were used in the last 24 hours ({share} %): call nothing more often, the rest is for catch-ups and busy days. Most, {hit_calls}, went to {hit:name}.",
    "QUOTA_RARER_IMPORT": "Call {hit:name} less often, every {minutes} minutes: it used {hit_calls} calls in {runs} runs.",
    "QUOTA_RARER_CATCH_UP": "Call {hit:name} once a day, at night: it used {hit_calls} calls in {runs} runs.",
    "QUOTA_SHORTER_CATCH_UP": "{hit:name} used {hit_calls} calls: let it look back fewer days (lookback_days), or call it every second day.",
    "QUOTA_RARER": "Call {hit:name} less often: it used {hit_calls} calls in {runs} runs.",
    "QUOTA_IMPORT_BETWEEN": "{orders} orders a day: call orders-import every {minutes} to {most_minutes} minutes, not more often. Every {minutes} minutes takes about {needed} of {allowed} {operation:name} calls a day, catch-ups included.",
    "QUOTA_IMPORT_EVERY": "{orders} orders a day: call orders-import every {minutes} minutes, not more often. That takes about {needed} of {allowed} {operation:name} calls a day, catch-ups included.",
    "QUOTA_TOO_MANY_DAYS": "Imports every {minutes} minutes and daily catch-ups need about {needed} of {allowed} {operation:name} calls a day, which is too much: let catch-ups look back {days} days (lookback_days={days}), or call recheck=1 every second day. orders-reconcile names what is missed.",
    "QUOTA_TOO_MUCH": "Imports every {minutes} minutes and daily catch-ups need about {needed} of {allowed} {operation:name} calls a day, which is too much: call doublecheck=1 every second day. orders-reconcile names what is missed.",
    "QUOTA_CATCH_UPS": "Call recheck=1 and doublecheck=1 once a day each, at night: they take about {recheck} and {doublecheck} calls. since= with many days costs as much each time.",
    "QUOTA_LONG_CATCH_UPS": "Call recheck=1 and doublecheck=1 once a day each, at night: they take about {recheck} and {doublecheck} calls. recheck=1 pauses after {at_once} and is through about {hours} h later; imports go on meanwhile.",
    "QUOTA_ACCOUNTS_SHARE": "{accounts} accounts share the {allowed} {operation:name} calls of a day, and each pays its own: read all countries and both channels through one account.",
    "QUOTA_ONE_ACCOUNT": "Read all countries of a region and both channels through one account, not one account per country: a call lists them all together, every further account pays its own calls.",
    "QUOTA_ROLE": "Make sure that the application has the role {role}: without it orders come without addresses and wait for somebody. The connection test tells.",
}
