"""Mathematics as people write it, in LaTeX, Unicode or plain text, to the input language.

One way through; what a module says is known to those below it only:

    a page                      page       what was written and what is read in it; errors at places
      | pages                   Markdown, LaTeX, plain lines: which of it are formulas
    rows
      | lexer                   tokens     what is open, how many arguments are wanted
      |                         commands   the commands of LaTeX
      |                         words      letters, functions, signs: tables
      |                         vocabulary the names and lengths of the problem
    tokens
      | grammar                 a grammar for lark's LALR parser, and the tree it gives
    a tree
      | meaning                 one walk over the tree; the kinds of node are in
      |                         names, products, functions, indices, ranges, slopes
    a value                     values     numbers, columns, rows, matrices, known by their entries
      | lines                   what a row states, at which letters, in which layout
    a text                      texts      each character remembers its place in the page

`reading` goes this way and is what others import.
"""
