"""The forms for reports: the desk's form, the call-taker's form and the receipt."""
