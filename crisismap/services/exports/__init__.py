"""Files to take away: the printed sheet, the offline map and their data notice."""
