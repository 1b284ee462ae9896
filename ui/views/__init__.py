"""The views of the result, one painter a file, in the order of the bar and of the key M."""
