"""What a column's name says it holds: whole words, in the languages that exports of tables are commonly written in."""

from __future__ import annotations

import re
from functools import lru_cache

BORDER = re.compile(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Þ])|(?<=[A-Z])(?=[A-Z][a-z])|[\W_]")
NAMELESS = re.compile(r"^(column|unnamed:?) ?\d+$", re.I)


def _lexicon(words: str) -> frozenset[str]:
    return frozenset(words.split())


KEY = _lexicon(
    """
    id ids uuid guid uid recnum rownum rowid pk nr nummer nummern kennung kennnummer lfdnr numero número numéro serial key
    编号 序号 番号 номер 번호 id号
    """
)
LAST_KEY = frozenset({"no", "number", "num", "nbr", "index", "idx"})
"""Words that mean a key only at the end of a name: `order no`, but not `no of rooms`."""
ENTITY = _lexicon(
    """
    customer cust client kunde kunden cliente klant user member patient subject participant respondent person employee
    student speaker account acct konto cuenta order bestellung auftrag commande pedido invoice rechnung facture factura
    transaction txn ticket case record row sample specimen product produkt produit producto item artikel article
    store shop filiale branch station sensor device machine household vendor supplier lieferant vehicle flight loan
    contract vertrag policy stockcode 客户 顾客 用户 订单 顧客 会员 клиент заказ
    """
)
POSTAL = _lexicon(
    """
    zip zipcode zips plz postal postcode postleitzahl postnr postnummer cep 邮编 邮政编码 郵便番号 индекс 우편번호
    """
)
CODE = _lexicon(
    """
    code codes cod codigo código codice kod sku ean gtin upc isbn barcode icd icd9 icd10 diag dx drg cpt naics nace sic
    fips iso 代码 コード код
    """
)
NOMINAL = _lexicon(
    """
    channel region type typ zone category kategorie group store branch filiale department abteilung plan origin country
    land city state
    werk plant site warehouse lager standort job occupation beruf marital race ethnicity
    religion language sector industry branche brand marke sex gender geschlecht
    """
)
QUANTITY = _lexicon(
    """
    amount price cost income salary wage population count sum total area value sales revenue profit weight size volume
    mass distance length height width depth temperature pressure power energy score points year jahr age time duration
    seconds date datum betrag preis umsatz gehalt einkommen summe anzahl wert gewicht montant prix revenu importe precio
    ingresos valor budget balance assets votes views likes steps calories reads bytes
    """
)
COORDINATE = _lexicon(
    """
    x y z lat lon lng long latitude longitude easting northing breitengrad längengrad
    """
)
PERSON = _lexicon(
    """
    name names firstname lastname fullname surname forename givenname vorname nachname nom prenom prénom nombre apellido
    apellidos cognome nome sobrenome imię nazwisko 姓名 名字 氏名 имя фамилия 이름
    """
)
CONTACT = _lexicon(
    """
    email mail phone telephone telefon telefono teléfono téléphone tel mobile handy fax cellphone address addr adresse
    anschrift dirección direccion indirizzo endereço street strasse straße url link website homepage web iban 地址 住所 电话 邮箱
    адрес телефон 주소 전화
    """
)
WRITTEN = _lexicon(
    """
    text texts title titel titre titulo título titolo headline subject keyword keywords query search tag tags hashtag
    hashtags comment comments kommentar commentaire comentario review reviews message nachricht tweet post question answer
    description beschreibung sentence phrase caption note notes remark feedback emoji emojis reaction utterance 评论 标题 文本
    内容 关键词 タイトル コメント отзыв комментарий текст 댓글 제목
    """
)
ABOUT_TEXT = _lexicon(
    """
    stars star rating ratings sterne score likes like retweets replies votes upvotes helpful views shares length words
    chars characters lang language source author page rank sentiment
    """
)


@lru_cache(maxsize=1024)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a name in lower case: `CustomerID`, `customer_id` and `customer id` are customer, id."""
    words = [word.lower() for word in BORDER.split(name) if word]
    return tuple(part for word in words for part in _parts(word))


def _parts(word: str) -> list[str]:
    """A compound such as `custid` or `kundennr` in two; any other word as it is."""
    for ending in ("id", "nr", "no", "code", "nummer", "number", "key"):
        if word.endswith(ending) and word[: -len(ending)] in ENTITY:
            return [word[: -len(ending)], ending]
    if word.endswith(("nummer", "kennung")) and word not in KEY | POSTAL:
        return [word, "nummer"]
    return [word]


def is_nameless(name: str) -> bool:
    """Whether the column had no name and got one by its position."""
    return bool(NAMELESS.match(name.strip())) or not name.strip()


def is_key(name: str) -> bool:
    """Whether the name says that the column tells things apart: an id, a number of an order, a key."""
    words = words_of(name)
    if not words or (words[-1] in ("number", "num") and not ENTITY.intersection(words)):
        return words == ("number",)
    if words[-1] in ("index", "idx"):
        return words[:-1] in ((), ("row",), ("sample",))
    return words[-1] in KEY | LAST_KEY or words[0] in ("id", "uuid", "guid")


def is_entity(name: str) -> bool:
    """Whether the name is that of one thing, such as `customer` or `order id`, and of no quantity."""
    words = words_of(name)
    return bool(words) and words[-1] in ENTITY and not QUANTITY.intersection(words)


def is_postal(name: str) -> bool:
    """Whether the name is that of postal codes."""
    words = words_of(name)
    return bool(POSTAL.intersection(words)) and not QUANTITY.intersection(words)


def is_code(name: str) -> bool:
    """Whether the name says that the values are codes: of goods, diagnoses, countries."""
    words = words_of(name)
    return bool(CODE.intersection(words))


def is_nominal(name: str) -> bool:
    """Whether numbers under this name stand for kinds without an order, such as regions."""
    words = words_of(name)
    return bool(words) and words[-1] in NOMINAL | CODE


def speaks_of(name: str, words: frozenset[str]) -> bool:
    """Whether any word of the name is one of `words`."""
    return bool(words.intersection(words_of(name)))
