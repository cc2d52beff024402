"""Somebody's answer: right, or the first wrong line and the misconception behind it."""
