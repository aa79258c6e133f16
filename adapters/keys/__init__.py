"""Personal data under a key of each subject's own: what is sealed can be erased for ever."""
