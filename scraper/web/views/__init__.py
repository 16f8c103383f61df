"""The pages of the web interface, a module each: read the parameters, run one query, render."""
