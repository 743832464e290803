"""The tables of all features of this app, where Django looks for them."""
