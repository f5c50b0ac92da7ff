"""OSC: messages, the address table, one socket, and a handler for each request."""
