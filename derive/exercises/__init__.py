"""Exercises made from derivations, papers of them, and question banks."""
