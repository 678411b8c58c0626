"""The judge in the making: the encoder tuned end to end. Measured, and not yet fit to ship: see README.md here."""
