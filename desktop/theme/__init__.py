"""The look of the window: colours, style sheet, fonts and icon."""
