"""Names in two languages: that of the page first, or alone where there is room for one."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language


def reads_chinese() -> bool:
    """Whether the page is a Chinese one."""
    return (get_language() or "").startswith("zh")


def reader_name(english: str, chinese: str) -> str:
    """Return the name that a reader of this page expects."""
    return (chinese or english) if reads_chinese() else (english or chinese)


def both_names(english: str, chinese: str = "", css: str = "") -> SafeString:
    """Return two names of one thing as markup, that of the page's language first; `css` dresses the first."""
    dress = format_html(' class="{}"', css) if css else ""
    if not chinese or chinese == english:
        return format_html("<span{}>{}</span>", dress, english) if css else format_html("{}", english)
    if not english:
        return format_html('<span{} lang="zh-Hans">{}</span>', dress, chinese)
    if reads_chinese():
        return format_html(
            '<span{} lang="zh-Hans">{}</span> <span class="so-zh" lang="en">{}</span>', dress, chinese, english
        )
    first = format_html("<span{}>{}</span>", dress, english) if css else english
    return format_html('{} <span class="so-zh" lang="zh-Hans">{}</span>', first, chinese)
