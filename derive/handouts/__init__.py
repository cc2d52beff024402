"""Handouts: what a lecturer asks for, what is on the paper, and what is left blank on it."""
