"""From index form to matrix form."""
