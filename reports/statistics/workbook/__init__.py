"""The Excel workbook of a statistic, and the table of it as CSV."""
