"""What finance has on its desk: customers whose accounts no case of today hangs on, but for the demo's own agent."""

BANK_ACCOUNT = "工商银行 6222 0211"
"""The company's account that the bank's file is of."""

RECORDED = ["A-0019", "A-0027", "A-0034"]
"""Whose lines of the bank's file are payments already."""
BY_NAME, BY_REFERENCE, BY_ACCOUNT = "A-0040", "A-0017", "A-0019"
"""Whose lines are proposed: by the payer's name, by what the reference names, by an account that was learned."""
UNKNOWN_PAYER = "上海信达商业保理"
"""A line that only a person can tell whose it is."""

EXPECTED, SETTLED, PASSED_ON, DISHONOURED = "A-0001", "A-0031", "A-0038", "A-0049"
"""Whose bill is expected this week, is settled, was endorsed, was not paid."""

ADJUSTED, ASKED = "A-0001", "A-0025"
"""Whose account was adjusted, and for whom it is asked for."""
