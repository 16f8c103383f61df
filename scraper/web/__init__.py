"""The web interface, a plugin of Datasette."""
