"""Rendering in two stages: `layout` and `view` make plain data, a small file a format writes it."""
