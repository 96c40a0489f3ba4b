"""Apps that the local Zapier brings with it."""
