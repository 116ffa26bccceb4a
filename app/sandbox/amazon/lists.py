"""The lists that Amazon publishes."""

from app.sandbox.published import lists_of

PUBLISHED = lists_of(__file__)
