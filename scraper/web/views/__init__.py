"""The pages of the reading room, one module each: address in, archive asked, template filled."""
