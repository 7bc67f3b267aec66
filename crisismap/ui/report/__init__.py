"""The forms for reports: the desk's report form, the call-taker's form and the receipt."""
