"""The board: what one audience knows of each report, column by column, and the records that leave it."""
