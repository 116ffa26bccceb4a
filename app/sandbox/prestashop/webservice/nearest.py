"""What somebody may have meant: the service names the nearest word and all that there are."""

from collections.abc import Iterable, Sequence


def nearest(word: str, words: Iterable[str]) -> str:
    """Return the word that fewest edits lead to; of several the last."""
    best, fewest = "", -1
    for each in words:
        edits = _edits(word, each)
        if edits == 0:
            return each
        if fewest < 0 or edits <= fewest:
            best, fewest = each, edits
    return best


def quoted(words: Sequence[str]) -> str:
    return ", ".join(f'"{each}"' for each in words)


def did_you_mean(word: str, words: Sequence[str]) -> str:
    return f'Did you mean: "{nearest(word, words)}"? The full list is: {quoted(words)}'


def _edits(one: str, other: str) -> int:
    before = list(range(len(other) + 1))
    for row, left in enumerate(one, start=1):
        now = [row]
        for column, right in enumerate(other, start=1):
            now.append(min(before[column] + 1, now[-1] + 1, before[column - 1] + (left != right)))
        before = now
    return before[-1]
