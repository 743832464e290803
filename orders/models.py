"""The tables of all features of this app, where Django looks for them."""

from .adjustments.models import Adjustment, AdjustmentItem
from .bankfiles.models import BankFile, BankLine, BankReceipt, CompanyAccount, CustomerBankAccount
from .bills.models import Bill
from .catalogue.models import Category, DiscountRight, Price, PriceList, Product
from .closing.models import ClosingStep, Reopening
from .collections.models import Dispute, Promise, Reminder, ReminderItem, ReminderLevel
from .credit.models import TemporaryLimit
from .deliveries.models import Delivery, DeliveryLine
from .facts.models import AccountFact, FactBuild, FactMark, FactPart, FactTurn, GoodsFact
from .matching.models import (
    LedgerDifference,
    LedgerFormat,
    LedgerLine,
    LedgerMatch,
    LedgerSplit,
    LedgerUpload,
    MatchOurs,
    MatchTheirs,
)
from .payments.models import OpeningBalance, Payment, PaymentReversal
from .proof.models import Proof
from .receivables.models import Allocation, OpenItem, ReceivableEntry
from .reconciliation.models import Difference, IssuedStatement, Letter, Reconciliation, Round
from .shipments.models import Shipment, ShipmentLine
from .stock.models import ExpectedGoods, Stock, StockMovement, Warehouse

__all__ = [
    "AccountFact",
    "Adjustment",
    "AdjustmentItem",
    "Allocation",
    "BankFile",
    "BankLine",
    "BankReceipt",
    "Bill",
    "Category",
    "ClosingStep",
    "CompanyAccount",
    "CustomerBankAccount",
    "Delivery",
    "DeliveryLine",
    "Difference",
    "DiscountRight",
    "Dispute",
    "ExpectedGoods",
    "FactBuild",
    "FactMark",
    "FactPart",
    "FactTurn",
    "GoodsFact",
    "IssuedStatement",
    "LedgerDifference",
    "LedgerFormat",
    "LedgerLine",
    "LedgerMatch",
    "LedgerSplit",
    "LedgerUpload",
    "Letter",
    "MatchOurs",
    "MatchTheirs",
    "OpenItem",
    "OpeningBalance",
    "Payment",
    "PaymentReversal",
    "Price",
    "PriceList",
    "Product",
    "Promise",
    "Proof",
    "ReceivableEntry",
    "Reconciliation",
    "Reminder",
    "ReminderItem",
    "ReminderLevel",
    "Reopening",
    "Round",
    "Shipment",
    "ShipmentLine",
    "Stock",
    "StockMovement",
    "TemporaryLimit",
    "Warehouse",
]
