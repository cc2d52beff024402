"""Reading the input language: text to a problem."""
