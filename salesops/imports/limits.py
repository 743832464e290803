"""How large books may be, so that no file can fill memory or disk."""

from django.conf import settings

MEGABYTE = 1024 * 1024

MOST_BYTES: int = settings.IMPORT_MAX_BYTES
"""Of one file, as it lies on disk; deploy/nginx.conf lets as much through."""
MOST_FILES = 50
"""Of one run."""
MOST_UNPACKED = 400 * MEGABYTE
"""What a workbook or an archive may become when it is unpacked."""
MOST_RATIO = 300
"""An archive that grows more than this is made to harm; looked at beyond SUSPICIOUS bytes only."""
SUSPICIOUS = 20 * MEGABYTE
MOST_CELLS = 25_000_000
"""Of one sheet, empty ones between the first and the last included: the reader makes room for all of them."""
MOST_TEXT = 800 * MEGABYTE
"""Of the shared texts of a workbook, each as often as a cell of the sheet uses it: the reader copies them."""
MOST_COLUMNS = 500
MOST_SIGNS = 20_000
"""Of one cell."""
MOST_ERRORS = 50_000
"""Rows that are reported with their reason; further ones are counted."""
