"""Mappings: what they can say of files, and what they are told when they say it wrong."""

from pathlib import Path

import pytest

from salesops.imports.assistant import TableChoice, TableLook, guess, look_at, write_toml
from salesops.imports.mapping import read_mapping
from salesops.kernel.errors import RuleBroken
from salesops.users.models import Region, User
from salesops.users.roles import Role
from tests.support.books import check, load
from tests.support.build import make_user

HEAD = 'name = "books"\n[[table]]\n'
PEOPLE = HEAD + 'kind = "people"\nfile = "people.csv"\n'


# ---- what is said wrong ----
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name = ", "not valid TOML"),
        ("", "lacks: name"),
        ('name = "books"', "lacks: table"),
        ('name = "Old Books"\n[[table]]\nkind = "people"\nfile = "a.csv"', "small letters, digits"),
        (HEAD + 'kind = "person"\nfile = "a.csv"', "there is no kind “person”.*Did you mean “regions”|people"),
        (HEAD + 'kind = "people"', "name a file, or write rows"),
        (HEAD + 'kind = "people"\nfile = "a.csv"\nrows = [{username = "x"}]', "name a file, or write rows"),
        (HEAD + 'kind = "people"\nfile = "/etc/passwd"', "lies in the folder of the books"),
        (HEAD + 'kind = "people"\nfile = "../people.csv"', "lies in the folder of the books"),
        (PEOPLE + 'colums = {username = "a"}', "means nothing.*Did you mean “columns”"),
        (PEOPLE + 'columns = {user_name = "a"}', "there is no field “user_name”.*Did you mean “username”"),
        (PEOPLE + 'columns = {username = "a"}', "say where to find full_name"),
        (PEOPLE + "header_row = -1\ncolumns = {}", "is wrong at"),
    ],
)
def test_a_wrong_mapping_says_where_and_what_was_meant(text, words):
    with pytest.raises(RuleBroken, match=words) as refused:
        read_mapping(text)

    assert refused.value.rule == "mapping"


# ---- what can be said ----
pytestmark = pytest.mark.django_db

REGIONS = '[[table]]\nkind = "regions"\nrows = [{code = "N", name = "North"}, {code = "S", name = "South"}]\n'


def people(folder: Path, table: str) -> dict[str, User]:
    """Load people by a table of a mapping."""
    mapping = f'name = "books"\n{REGIONS}[[table]]\nkind = "people"\nfile = "people.csv"\n{table}'
    _counts, errors = load(folder, mapping, by=make_user(Role.ADMINISTRATOR))
    assert not errors
    return {user.username: user for user in User.objects.exclude(username__startswith="person-")}


def test_columns_are_joined_by_templates(tmp_path):
    (tmp_path / "people.csv").write_text("no,first,last\n1,Lin,Yue\n2,,Wang\n")

    found = people(tmp_path, 'columns = {username = "e{no}", full_name = "{last}, {first}"}')

    assert {name: user.full_name for name, user in found.items()} == {"e1": "Yue, Lin", "e2": "Wang"}


def test_values_are_translated_and_constants_fill_what_is_empty(tmp_path):
    (tmp_path / "people.csv").write_text("no,name,job,place\na,A,Rep,1\nb,B,Boss,2\nc,C,,\n")
    table = """
columns = {username = "no", full_name = "name", roles = "job", region = "place"}
constants = {region = "S"}
[table.values.roles]
Rep = "representative"
"*" = "sales_manager, finance"
[table.values.region]
1 = "N"
2 = "S"
"""

    found = people(tmp_path, table)

    assert {name: user.roles for name, user in found.items()} == {
        "a": {"representative"},
        "b": {"sales_manager", "finance"},
        "c": frozenset(),
    }
    assert {name: user.region.code for name, user in found.items() if user.region} == {"a": "N", "b": "S", "c": "S"}


def test_a_value_that_the_mapping_does_not_know_is_told(tmp_path):
    (tmp_path / "people.csv").write_text("no,name,job\na,A,Captain\n")
    mapping = PEOPLE + 'columns = {username = "no", full_name = "name", roles = "job"}\n'

    _counts, errors = check(tmp_path, mapping + '[table.values.roles]\nRep = "representative"')

    assert (errors[0].column, errors[0].value) == ("job", "Captain")
    assert "none of the values that the mapping knows: Rep" in errors[0].reason


def test_lines_are_chosen_by_what_stands_in_a_column(tmp_path):
    (tmp_path / "people.csv").write_text("no,name,state\na,A,in\nb,B,out\nc,C,test\n")
    columns = 'columns = {username = "no", full_name = "name"}\n'

    assert set(people(tmp_path, columns + 'only = {state = ["in", "test"]}\nleave_out = {state = ["test"]}')) == {"a"}


def test_another_file_is_joined_by_a_key(tmp_path):
    (tmp_path / "people.csv").write_text("no,name,office\na,A,1\nb,B,9\n")
    (tmp_path / "offices.csv").write_text("id,area\n1,N\n2,S\n")
    table = """
columns = {username = "no", full_name = "name", region = "office.area"}
[table.join.office]
file = "offices.csv"
key = "id"
equals = "office"
"""

    found = people(tmp_path, table)

    assert {name: user.region and user.region.code for name, user in found.items()} == {"a": "N", "b": None}


def test_repeated_lines_are_one_where_the_mapping_says_so(tmp_path):
    (tmp_path / "orders.csv").write_text("no,area,label\n1,N,North\n2,N,North\n3,S,South\n4,S,Süd\n")
    mapping = (
        'name = "b"\n[[table]]\nkind = "regions"\nfile = "orders.csv"\ncolumns = {code = "area", name = "label"}\n'
    )

    _counts, errors = check(tmp_path, mapping)
    assert [error.line for error in errors] == [3, 5]

    _counts, errors = check(tmp_path, mapping + "distinct = true")
    assert [(error.line, error.reason) for error in errors] == [
        (5, "stands in line 4 already, with other words beside it")
    ]


def test_files_may_be_written_in_their_own_way(tmp_path):
    (tmp_path / "a.csv").write_bytes("Konto;Betrag;am\nC1;1.234,50;31.12.2024\n".encode("latin-1"))
    mapping = """
name = "german"
decimal = ","
date_format = "%d.%m.%Y"
encoding = "latin-1"
[[table]]
kind = "opening_balances"
file = "a.csv"
columns = {customer = "Konto", amount = "Betrag", day = "am"}
"""

    _counts, errors = check(tmp_path, mapping)

    assert [error.reason for error in errors] == ["is neither in these books nor in the product (customers)"]


def test_rows_may_stand_in_the_mapping_itself():
    load(Path("/nowhere"), f'name = "b"\n{REGIONS}', by=make_user(Role.ADMINISTRATOR))

    assert set(Region.objects.values_list("code", flat=True)) == {"N", "S"}


# ---- the assistant ----
def test_the_assistant_guesses_by_the_names_of_columns():
    look = TableLook("payments.csv", columns={"客户编码": [], "收款日期": [], "金额": [], "流水号": [], "别的": []})

    found = guess(look)

    assert found.kind == "payments"
    assert found.columns == {"customer": "客户编码", "received_on": "收款日期", "amount": "金额", "reference": "流水号"}


def test_the_assistant_does_not_guess_out_of_nothing():
    assert guess(TableLook("x.csv", columns={"a": [], "b": []})).kind == ""


def test_the_assistant_looks_at_every_file_and_says_which_cannot_be_read(tmp_path):
    (tmp_path / "a.csv").write_text("code,name\n1,one\n2,two\n3,three\n4,four\n")
    (tmp_path / "b.csv").write_bytes(b"MZ\x00\x00")

    first, second = look_at(sorted(tmp_path.iterdir()))

    assert first.columns == {"code": ["1", "2", "3"], "name": ["one", "two", "three"]}
    assert "is a program" in second.trouble


def test_what_the_assistant_writes_can_be_read(tmp_path):
    (tmp_path / 'a "b".csv').write_text("no,how\n1,Cash\n2,Barter\n")
    (look,) = look_at([tmp_path / 'a "b".csv'])
    columns = {"customer": "no", "method": "how", "received_on": "no", "amount": "no", "reference": "no"}

    text = write_toml("Altes „Buch“", [TableChoice(look, "payments", columns, {"note": 'say "so"'})], tmp_path)

    table = read_mapping(text).table[0]
    assert (table.file, table.constants) == ('a "b".csv', {"note": 'say "so"'})
    assert table.values == {"method": {"Cash": "cash", "Barter": ""}}
