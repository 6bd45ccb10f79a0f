"""Charts as pictures for chat and as lines of text for terminals, from the one specification that reports hold. Values in, values out."""
