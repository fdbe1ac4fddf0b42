"""What stands before and behind a number: currencies, percent, magnitudes such as K and Mio, and units of measurement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_ISO = (
    "EUR USD GBP CHF JPY CNY RMB INR BRL PLN CZK HUF RON SEK NOK DKK ISK RUB UAH TRY AUD CAD NZD HKD SGD MXN ARS CLP COP ZAR KRW "
    "THB IDR MYR PHP VND ILS AED SAR EGP NGN KES"
)
CURRENCIES: Mapping[str, str] = {
    **{code: code for code in _ISO.split()},
    **{code.lower(): code for code in _ISO.split()},
    "€": "EUR",
    "$": "USD",
    "US$": "USD",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "Rs": "INR",
    "Rs.": "INR",
    "INR": "INR",
    "₽": "RUB",
    "руб": "RUB",
    "руб.": "RUB",
    "р.": "RUB",
    "₩": "KRW",
    "원": "KRW",
    "₺": "TRY",
    "TL": "TRY",
    "₴": "UAH",
    "₪": "ILS",
    "฿": "THB",
    "₫": "VND",
    "₦": "NGN",
    "₱": "PHP",
    "R$": "BRL",
    "A$": "AUD",
    "AU$": "AUD",
    "C$": "CAD",
    "CA$": "CAD",
    "HK$": "HKD",
    "NZ$": "NZD",
    "S$": "SGD",
    "MX$": "MXN",
    "NT$": "TWD",
    "TWD": "TWD",
    "RM": "MYR",
    "Rp": "IDR",
    "Rp.": "IDR",
    "zł": "PLN",
    "zl": "PLN",
    "Kč": "CZK",
    "Ft": "HUF",
    "lei": "RON",
    "kr": "kr",
    "kr.": "kr",
    "Kr": "kr",
    "Kr.": "kr",
    "Fr.": "CHF",
    "SFr.": "CHF",
    "sFr.": "CHF",
    "Fr": "CHF",
    "元": "CNY",
    "円": "JPY",
    "DM": "DM",
    "Euro": "EUR",
    "euro": "EUR",
    "euros": "EUR",
    "¢": "cent",
    "₵": "GHS",
    "ден": "MKD",
}
PERCENT = ("%", "٪", "percent", "Prozent", "pct")
_SAFE = {  # magnitudes that nothing else is written like
    **dict.fromkeys(("K", "k", "tsd", "Tsd", "TSD", "tys", "тыс", "千", "thousand"), 1e3),
    **dict.fromkeys(
        ("M", "MM", "mio", "Mio", "MIO", "mln", "Mln", "mn", "Mn", "million", "millions", "млн", "百万"), 1e6
    ),
    **dict.fromkeys(("bn", "Bn", "BN", "mrd", "Mrd", "MRD", "mia", "Mia", "mld", "Mld", "md", "billion", "млрд"), 1e9),
    **dict.fromkeys(("tn", "bio", "Bio", "trillion"), 1e12),
    **dict.fromkeys(("lakh", "lakhs", "Lakh", "lac", "lacs", "Lac"), 1e5),
    **dict.fromkeys(("crore", "crores", "Crore", "cr", "Cr", "CR"), 1e7),
    "万": 1e4,
    "萬": 1e4,
    "億": 1e8,
    "亿": 1e8,
}
_DOUBTFUL = {"m": 1e6, "b": 1e9, "B": 1e9, "T": 1e12, "t": 1e3, "L": 1e5}  # also meters, bytes, tonnes, liters


def _table(quantity: str, text: str) -> dict[str, tuple[str, str, float]]:
    """Spelling to (quantity, unit, factor) of lines `unit factor spelling spelling ...`."""
    found = {}
    for line in text.split(";"):
        name, factor, *more = line.split()
        found.update({spelling: (quantity, name, float(factor)) for spelling in (name, *more)})
    return found


UNITS: Mapping[str, tuple[str, str, float]] = {
    **_table("length", "nm 1e-9; µm 1e-6 um μm; mm 1e-3; cm 1e-2 CM; m 1 meter meters metres; km 1e3 KM Km kms"),
    **_table("length", 'in 0.0254 inch inches " ″; ft 0.3048 feet foot; yd 0.9144 yards; mi 1609.344 mile miles'),
    **_table("mass", "µg 1e-9 ug μg mcg; mg 1e-6; g 1e-3 gr grams; kg 1 KG Kg kgs kilo; t 1e3 tonnes tons to"),
    **_table("mass", "lb 0.45359237 lbs LB LBS Lbs pounds; oz 0.028349523125 ounces"),
    **_table("bytes", "B 1 bytes byte Bytes; KB 1e3 kB kb; MB 1e6 Mb mb; GB 1e9 Gb gb; TB 1e12 Tb tb; PB 1e15"),
    **_table("bytes", "KiB 1024; MiB 1048576; GiB 1073741824; TiB 1099511627776"),
    **_table("time", "ns 1e-9; µs 1e-6 us μs; ms 1e-3 msec; s 1 sec secs second seconds Sek sek сек"),
    **_table("time", "min 60 mins minute minutes Min Minuten мин; h 3600 hr hrs hour hours Std std Stunden uur heures"),
    **_table("time", "d 86400 day days Tag Tage jours dias; weeks 604800 week wk wks Wochen"),
    **_table("time", "months 2629746 month mo mos Monate mois; years 31556952 year yr yrs y Jahre ans"),
    **_table("speed", "km/h 1 kmh kph kmph; m/s 3.6; mph 1.609344; kn 1.852 knots"),
    **_table("volume", "ml 1e-3 mL cl; l 1 L liter liters litres; gal 3.785411784 gallons"),
    **_table("power", "W 1; kW 1e3; MW 1e6; GW 1e9"),
    **_table("energy", "Wh 1; kWh 1e3; MWh 1e6; GWh 1e9"),
    **_table("frequency", "Hz 1; kHz 1e3 KHz; MHz 1e6; GHz 1e9"),
}


@dataclass(frozen=True)
class Affix:
    """What stands around a number: it is multiplied by `factor`; `quantity` is what is measured, in the unit `label`."""

    factor: float = 1.0
    quantity: str = ""
    label: str = ""


def affix(prefix: str, suffix: str, magnitudes: bool) -> Affix | None:
    """What `prefix` and `suffix` mean; None if a number would not be written so.

    `magnitudes` says that the column writes millions as m and the like, so that m is no meter.
    """
    before = CURRENCIES.get(prefix.strip())
    if prefix and before is None:
        return None
    behind = _suffix(suffix.strip(), magnitudes or bool(prefix))
    if before is None or behind is None:
        return behind
    if behind.quantity not in ("", "currency") or (behind.quantity == "currency" and behind.label != before):
        return None
    return Affix(behind.factor, "currency", before)


def _suffix(text: str, magnitudes: bool) -> Affix | None:
    bare = text.rstrip(".")
    if not bare:
        return Affix() if text in ("", ".") else None
    if magnitudes and bare in _DOUBTFUL:
        return Affix(_DOUBTFUL[bare])
    if bare in PERCENT:
        return Affix(1.0, "percent", "%")
    if text in CURRENCIES or bare in CURRENCIES:
        return Affix(1.0, "currency", CURRENCIES.get(text) or CURRENCIES[bare])
    if bare in _SAFE:
        return Affix(_SAFE[bare])
    if bare in UNITS:
        quantity, name, factor = UNITS[bare]
        return Affix(factor, quantity, name)
    return _both(text, magnitudes)


def _both(text: str, magnitudes: bool) -> Affix:
    """A magnitude before a currency or unit, as in Mio. € or M€; else a unit of its own name."""
    for magnitude, factor in {**_SAFE, **(_DOUBTFUL if magnitudes else {})}.items():
        rest = text.removeprefix(magnitude).lstrip(". ") if text.startswith(magnitude) else ""
        if rest and (rest in CURRENCIES or rest.rstrip(".") in CURRENCIES):
            return Affix(factor, "currency", CURRENCIES.get(rest) or CURRENCIES[rest.rstrip(".")])
    return Affix(1.0, "other", text)
