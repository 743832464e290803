"""Checking books as a whole: keys, references, what is there already. Kinds add their own rules after that.

Kinds are checked in their order, so that whatever is referred to is settled first. Rows get the ids under which they
will be loaded here already: a reference to a row of the books and one to a row of the product are then the same thing.
"""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from psycopg import sql

from .intake import stage_named
from .kinds import Kind, kinds, kinds_in_order
from .rows import references
from .staging import execute, fetch, fields_of, staged

if TYPE_CHECKING:
    from .books import Books

FOLLOWS = "follows"


def prepare_checks(books: "Books") -> None:
    """Make rows of what is only named, and index what was read."""
    for kind in kinds_in_order():
        if kind.named_only:
            stage_named(books, kind, _only_named(kind))
    for table in ("book_bad", "book_torn"):
        execute("CREATE INDEX ON {table} (kind, ref)", table=table)
    for kind in kinds:
        execute("CREATE INDEX ON {own} (key, seq)", own=staged(kind.key))
        if kind.part_of:
            execute("CREATE INDEX ON {own} ({field})", own=staged(kind.key), field=kind.part_of[1])
        execute("ANALYZE {own}", own=staged(kind.key))


def check_kind(books: "Books", kind: Kind) -> None:
    """Check one kind, after all that its rows refer to."""
    _refuse_repeated(books, kind)
    for field, target in references(kind.row).items():
        if target != kind.key:
            _find_reference(books, kind, field, target)
    if kind.part_of:
        execute("CREATE INDEX ON {own} ({field_id})", own=staged(kind.key), field_id=f"{kind.part_of[1]}_id")
    else:
        _find_known(books, kind)
    _give_ids(kind)
    for field, target in references(kind.row).items():
        if target == kind.key:
            _find_reference(books, kind, field, target)
            _leave_out_below(books, kind, field)
    kind.check(books)
    if kind.part_of:
        _tear_wholes(books, kind)
    _remember_bad(kind)


def _only_named(kind: Kind) -> list[str]:
    """What other rows name of a kind and neither its own rows nor the product have."""
    found: list[str] = []
    for other in kinds:
        for field in [name for name, target in references(other.row).items() if target == kind.key]:
            rows = fetch(
                "SELECT DISTINCT {field} FROM {other} s WHERE {field} <> '' AND NOT EXISTS"
                " (SELECT 1 FROM {own} o WHERE {field} IN (o.key, o.{goes_by})) AND NOT EXISTS"
                " (SELECT 1 FROM {model} m WHERE m.{goes_by} = {field}) ORDER BY 1",
                field=sql.Identifier("s", field),
                other=staged(other.key),
                own=staged(kind.key),
                model=kind.model._meta.db_table,
                goes_by=kind.goes_by,
            )
            found += [name for (name,) in rows if name not in found]
    return found


# ---- keys ----
def _refuse_repeated(books: "Books", kind: Kind) -> None:
    """Of rows under the same key the first counts. Where the mapping says so, others that say the same are no error."""
    own = staged(kind.key)
    execute(
        "WITH first AS (SELECT DISTINCT ON (key) key, seq, {says} AS says FROM {own} s ORDER BY key, seq)"
        " DELETE FROM {own} s USING first WHERE s.key = first.key AND s.seq > first.seq AND s.may_repeat"
        " AND {says} = first.says",
        own=own,
        says=_says(kind),
    )
    for field in dict.fromkeys(filter(None, ("key", kind.goes_by))):
        pieces = {"own": sql.Identifier(own), "field": sql.Identifier(field)}
        earlier = sql.SQL("FROM {own} f WHERE f.{field} = s.{field} AND f.seq < s.seq AND f.{field} <> ''").format(
            **pieces
        )
        books.refuse_rows(
            kind,
            field,
            sql.SQL("EXISTS (SELECT 1 {earlier})").format(earlier=earlier),
            _("stands in line {value} already, with other words beside it"),
            value=sql.SQL("(SELECT f.line {earlier} ORDER BY f.seq LIMIT 1)").format(earlier=earlier),
        )


def _says(kind: Kind) -> sql.Composable:
    """All that a row `s` says."""
    fields = sql.SQL(", ").join(sql.Identifier("s", name) for name in fields_of(kind))
    return sql.SQL("ROW({})::text").format(fields)


# ---- references ----
def _find_reference(books: "Books", kind: Kind, field: str, target: str) -> None:
    """Put the id of the row that a field names beside it; refuse what names nothing, or a row that is left out."""
    other = kinds.get(target)
    assert other is not None
    _look_in_product(books, kind, field, other)
    pieces = {"field": sql.Identifier("s", field), "field_id": sql.Identifier("s", f"{field}_id")}
    execute(
        "UPDATE {own} s SET {to} = r.id FROM book_refs r WHERE r.kind = %s AND r.ref = {field}",
        [target],
        own=staged(kind.key),
        to=f"{field}_id",
        field=pieces["field"],
    )
    label = str(other.label).lower()
    if kind.part_of == (target, field):
        _leave_out_with_whole(kind, field, target)
    names_nothing = sql.SQL("{field} <> '' AND {field_id} IS NULL").format(**pieces)
    names_bad = sql.SQL("{nothing} AND EXISTS (SELECT 1 FROM book_bad b WHERE b.kind = {kind} AND b.ref = {field})")
    books.refuse_rows(
        kind,
        field,
        names_bad.format(nothing=names_nothing, kind=sql.Literal(target), **pieces),
        _("is left out: {value} is wrong itself (%(what)s)") % {"what": label},
        severity=FOLLOWS,
    )
    unknown = _("is neither in these books nor in the product (%(what)s)") % {"what": label}
    books.refuse_rows(kind, field, names_nothing, unknown)


def _leave_out_with_whole(kind: Kind, field: str, whole: str) -> None:
    """Leave out parts of what is wrong itself: the whole was told already, its parts need not be told one by one."""
    execute(
        "UPDATE {own} s SET bad = true WHERE EXISTS (SELECT 1 FROM book_bad b WHERE b.kind = %s AND b.ref = s.{field})",
        [whole],
        own=staged(kind.key),
        field=field,
    )


def _look_in_product(books: "Books", kind: Kind, field: str, other: Kind) -> None:
    """Find what is named among what was loaded from these books before, then among all that is there."""
    asked = sql.SQL("SELECT DISTINCT {field} FROM {own} s WHERE {field} <> ''").format(
        field=sql.Identifier("s", field), own=sql.Identifier(staged(kind.key))
    )
    execute(
        "INSERT INTO book_refs (kind, ref, id) SELECT %s, a.ref, k.object_id FROM ({asked}) a(ref)"
        " JOIN imports_sourcekey k ON k.key = %s || a.ref"
        " WHERE EXISTS (SELECT 1 FROM {model} m WHERE m.id = k.object_id) ON CONFLICT DO NOTHING",
        [other.key, books.source_key(other, "")],
        asked=asked,
        model=other.model._meta.db_table,
    )
    if other.goes_by:
        execute(
            "INSERT INTO book_refs (kind, ref, id) SELECT %s, a.ref, m.id FROM ({asked}) a(ref)"
            " JOIN {model} m ON m.{goes_by} = a.ref ON CONFLICT DO NOTHING",
            [other.key],
            asked=asked,
            model=other.model._meta.db_table,
            goes_by=other.goes_by,
        )


def _leave_out_below(books: "Books", kind: Kind, field: str) -> None:
    """Leave out rows below a bad row of their own kind, level by level."""
    below = sql.SQL("EXISTS (SELECT 1 FROM {own} p WHERE p.bad AND p.id = {field_id})").format(
        own=sql.Identifier(staged(kind.key)), field_id=sql.Identifier("s", f"{field}_id")
    )
    words = _("is left out: {value} is wrong itself (%(what)s)") % {"what": str(kind.label).lower()}
    while books.refuse_rows(kind, field, below, words, severity=FOLLOWS):
        pass


# ---- what is there ----
def _find_known(books: "Books", kind: Kind) -> None:
    """Recognise rows that were loaded before, and those that somebody filed by hand."""
    own, model = staged(kind.key), kind.model._meta.db_table
    execute("UPDATE {own} s SET fingerprint = md5({says})::uuid", own=own, says=sql.SQL(kind.fingerprint()))
    execute(
        "UPDATE {own} s SET id = k.object_id, standing = CASE"
        " WHEN coalesce(k.fingerprint, s.fingerprint) = s.fingerprint THEN 'there' ELSE 'changed' END"
        " FROM imports_sourcekey k WHERE k.key = %s || s.key AND NOT s.bad"
        " AND EXISTS (SELECT 1 FROM {model} m WHERE m.id = k.object_id)",
        [books.source_key(kind, "")],
        own=own,
        model=model,
    )
    execute(
        "INSERT INTO book_errors (severity, kind, part, line, field, value, reason)"
        " SELECT 'changed', %s, part, line, 'key', key, %s FROM {own} WHERE standing = 'changed' ORDER BY seq",
        [kind.key, _("was loaded before and says something else now; what was loaded stays as it is")],
        own=own,
    )
    if not kind.goes_by:
        return
    if kind.adopts:
        execute(
            "UPDATE {own} s SET id = m.id, standing = 'there' FROM {model} m"
            " WHERE m.{goes_by} = s.{goes_by} AND s.id IS NULL AND NOT s.bad",
            own=own,
            model=model,
            goes_by=kind.goes_by,
        )
        return
    taken = sql.SQL("s.id IS NULL AND EXISTS (SELECT 1 FROM {model} m WHERE m.{goes_by} = s.{goes_by})").format(
        model=sql.Identifier(model), goes_by=sql.Identifier(kind.goes_by)
    )
    books.refuse_rows(kind, kind.goes_by, taken, _("is there already, and did not come from these books"))


def _give_ids(kind: Kind) -> None:
    """Give new rows the ids under which they will be loaded, and let others refer to them."""
    own = staged(kind.key)
    execute(
        "UPDATE {own} s SET id = given.id FROM (SELECT seq, nextval(pg_get_serial_sequence(%s, 'id')) AS id"
        " FROM (SELECT seq FROM {own} WHERE id IS NULL AND NOT bad ORDER BY seq) wanted) given WHERE given.seq = s.seq",
        [kind.model._meta.db_table],
        own=own,
    )
    execute("CREATE INDEX ON {own} (id)", own=own)
    execute("ANALYZE {own}", own=own)
    if kind.part_of:
        return
    for column in dict.fromkeys(filter(None, (kind.goes_by, "key"))):
        execute(
            "INSERT INTO book_refs (kind, ref, id) SELECT %s, {column}, id FROM {own} WHERE NOT bad AND {column} <> ''"
            " ON CONFLICT (kind, ref) DO UPDATE SET id = excluded.id",
            [kind.key],
            column=column,
            own=own,
        )
    execute("ANALYZE book_refs")


# ---- wholes and parts ----
def _tear_wholes(books: "Books", kind: Kind) -> None:
    """Take wholes out that have a bad part, and their other parts with them."""
    assert kind.part_of
    whole, field = kind.part_of
    owner = kinds.get(whole)
    assert owner is not None
    torn = sql.SQL(
        "EXISTS (SELECT 1 FROM {parts} p WHERE p.bad AND p.{field} IN (s.key, {goes_by}))"
        " OR EXISTS (SELECT 1 FROM book_torn t WHERE t.kind = {whole} AND t.ref IN (s.key, {goes_by}))"
    ).format(
        parts=sql.Identifier(staged(kind.key)),
        field=sql.Identifier(field),
        whole=sql.Literal(whole),
        goes_by=sql.Identifier("s", owner.goes_by or "key"),
    )
    words = _("is left out: a part of it is wrong (%(what)s)") % {"what": str(kind.label).lower()}
    books.refuse_rows(owner, "key", torn, words, severity=FOLLOWS)
    kind.check_wholes(books)
    execute(
        "UPDATE {parts} p SET bad = p.bad OR s.bad, standing = s.standing FROM {own} s WHERE s.id = p.{field_id}",
        parts=staged(kind.key),
        own=staged(whole),
        field_id=f"{field}_id",
    )


def _remember_bad(kind: Kind) -> None:
    for column in dict.fromkeys(filter(None, ("key", kind.goes_by))):
        execute(
            "INSERT INTO book_bad (kind, ref) SELECT DISTINCT %s, {column} FROM {own} WHERE bad AND {column} <> ''",
            [kind.key],
            column=column,
            own=staged(kind.key),
        )
