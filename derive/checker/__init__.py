"""The checker: whether two expressions agree, by means that share no code with the rules."""
