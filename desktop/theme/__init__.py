"""How the window looks: colours as data, and what Qt is told of them."""
