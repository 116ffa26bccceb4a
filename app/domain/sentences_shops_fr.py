"""What shop tests, test orders and shops' refusals say in French: code → sentence, code.fix → what to do."""

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {}
