"""Mathematics as people write it, in LaTeX, Unicode or plain text, to the input language."""
