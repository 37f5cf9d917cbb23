"""Files are read as facts, or rejected with words that name the row."""

from __future__ import annotations

import pytest

from adapters.locations.folder.folder import MAX_BYTES
from adapters.locations.folder.mapping import file_name, read_file
from domain.errors import ContractBroken
from domain.facts import HandedOver, ReturnInspected, SentUnits, StockCounted, TillSold
from tests.adapters.locations.folder.simulator import REPORTS

WORK = b"fulfillment_id\nshop/1/F1\n"
COUNT = b"location,counted_at,whole,sku,units\n"
MOMENT = b"2026-03-01T10:00:00+01:00"


def test_a_shipment_says_what_truly_left() -> None:
    (fact,) = read_file(b"shipped-1.csv\n" + REPORTS["shipped-1.csv"].encode())
    lines = (SentUnits(line_id="L1", quantity=2), SentUnits(line_id="L2", quantity=1))
    assert fact == HandedOver(fulfillment_id="shop-eu/1/F1", lines=lines)


def test_a_shipment_may_name_the_number_of_a_label_of_its_own() -> None:
    columns = b"fulfillment_id,tracking_number,carrier,line_id,quantity\n"
    (fact,) = read_file(b"shipped-1.csv\n" + columns + b"F1,1Z 999AA10123456784,UPS,L1,2\n")
    assert fact == HandedOver(
        fulfillment_id="F1", tracking_number="1Z999AA10123456784", carrier="UPS",
        lines=(SentUnits(line_id="L1", quantity=2),),
    )  # fmt: skip
    with pytest.raises(ContractBroken, match="row 3"):
        read_file(b"shipped-1.csv\n" + columns + b"F1,T-1,UPS,L1,2\nF1,T-2,UPS,L2,1\n")


def test_a_file_of_a_spreadsheet_is_read() -> None:
    text = '\ufeffsku,units,whole,counted_at,location,note\r\n TEA ,4,no,2026-03-01T10:00:00+01:00,WH-1,"a, b"\r\n\r\n'
    (fact,) = read_file(b"stock-counted-2026.03.01_a.csv\n" + text.encode())
    assert isinstance(fact, StockCounted)
    assert (fact.location, fact.counted_at.hour, fact.whole, fact.rows[0].units) == ("WH-1", 9, False, 4)


def test_columns_that_may_be_left_out_are_empty() -> None:
    (fact,) = read_file(b"return-inspected-1.csv\n" + REPORTS["return-inspected-1.csv"].encode())
    assert isinstance(fact, ReturnInspected)
    assert (fact.return_id, fact.tracking_number) == ("", "SW1")


def test_a_sku_of_digits_stays_text() -> None:
    (fact,) = read_file(
        b"till-sold-1.csv\nlocation,receipt,occurred_at,line,sku,quantity\nW,1," + MOMENT + b",1,0042,1\n"
    )
    assert isinstance(fact, TillSold)
    assert fact.lines[0].sku == "0042"


def test_names_of_two_subjects_that_read_alike_differ() -> None:
    assert file_name("release", "shop/1") != file_name("release", "shop-1")
    assert "/" not in file_name("release", "../../etc/passwd")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"danced-1.csv\n" + WORK, "begins with one of"),
        (b"../picked-1.csv\n" + WORK, "begins with one of"),
        (b"picked-\xc3\xa4.csv\n" + WORK, "begins with one of"),
        (b"", "begins with one of"),
        (b"picked-1.csv", "first row"),
        (b"picked-1.csv\nfulfillment_id\n", "first row"),
        (b"picked-1.csv\norder\n1\n", "fulfillment_id"),
        (b"picked-1.csv\nfulfillment_id,fulfillment_id\n1,1\n", "first row"),
        (b"picked-1.csv\nfulfillment_id\nF\xe4\n", "not UTF-8"),
        (b"picked-1.csv\n" + b'"fulfillment_id\n', "unexpected end"),
        (b"picked-1.csv\nfulfillment_id\n1\n2\n", "row 3"),
        (b"picked-1.csv\nfulfillment_id\n1\n1\n", "row 3"),
        (b"shipped-1.csv\nfulfillment_id,line_id,quantity\n1,1,1\n2,1,1\n", "row 3"),
        (b"shipped-1.csv\nfulfillment_id,line_id,quantity\n1,1\n", "row 2 has 2 cells"),
        (b"shipped-1.csv\nfulfillment_id,line_id,quantity\n1,1,1.5\n", "whole number"),
        (b"shipped-1.csv\nfulfillment_id,line_id,quantity\n1,1,-1\n", "quantity"),
        (b"rejected-1.csv\nfulfillment_id,line_id,quantity,reason\n1,1,1,bored\n", "reason"),
        (b"stock-counted-1.csv\n" + COUNT + b"W,2026-03-01T10:00:00,yes,TEA,1\n", "zone"),
        (b"stock-counted-1.csv\n" + COUNT + b"W,5,yes,TEA,1\n", "zone"),
        (
            b"stock-counted-1.csv\n" + COUNT.replace(b"units", b"units,lot") + b"W,5,yes,TEA,1,L7\n",
            "lot: stock is kept",
        ),
        (b"stock-counted-1.csv\n" + COUNT + b"W," + MOMENT + b",perhaps,TEA,1\n", "yes or no"),
        (b"stock-counted-1.csv\n" + COUNT + b"W," + MOMENT + b",yes,TEA,\n", "whole number"),
        (b"picked-1.csv\n" + b"x" * (MAX_BYTES + 1), "bytes"),
    ],
)
def test_a_bad_file_is_rejected_with_words_that_help(body: bytes, words: str) -> None:
    with pytest.raises(ContractBroken, match=words):
        read_file(body)
