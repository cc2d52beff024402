"""Mathematics as people write it, in LaTeX, Unicode or plain text, to the input language.

One way through: a page to its rows (pages), a row to tokens (lexer, commands, words), tokens to a
tree (grammar), the tree to a value in a problem's terms (meaning and the modules it names), and a
value to text that knows where it comes from (values, texts).
"""
