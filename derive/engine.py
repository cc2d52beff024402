"""Placeholder so that types resolve; the engine replaces it."""


class Context:
    pass
