"""Whether diagnosis finds what is wrong, says it once, and says nothing where nothing is wrong."""
