"""Spiders: which addresses are asked for, in which order, and what comes of the answers."""
