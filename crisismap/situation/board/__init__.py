"""The board: what one audience knows of each report, as columns, and the records made from them."""
