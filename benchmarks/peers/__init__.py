"""What crisismap is measured against: plain programs as a tutorial would write them, and limits of the machine."""
