"""Makes tickets.csv: 1,200 messages to a help desk on six topics, put together from phrases.

Seeded; run `python data/tickets.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

EACH, SEED = 200, 13
OPENINGS = (
    "",
    "",
    "",
    "Hello,",
    "Hi there,",
    "Good morning,",
    "Dear team,",
    "Hi support,",
    "Hey,",
    "To whom it may concern,",
)
CLOSINGS = (
    "",
    "",
    "",
    "Thanks!",
    "Thank you in advance.",
    "Please help.",
    "Kind regards, {name}",
    "Can you look into this?",
    "Best, {name}",
    "I would appreciate a quick answer.",
    "This is the second time I write.",
)
NAMES = ("Anna", "Luis", "Mei", "Tom", "Priya", "Jonas", "Fatima", "Oleg", "Chloé", "Sam", "Noor", "Björn")
PRODUCTS = (
    "headphones",
    "coffee machine",
    "desk lamp",
    "running shoes",
    "winter jacket",
    "phone case",
    "backpack",
    "kettle",
    "keyboard",
    "rain coat",
)
TOPICS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Billing": (
        (
            "I was charged twice for invoice {id}.",
            "The amount on my {month} invoice does not match my plan.",
            "My credit card was billed {money} although I paid by bank transfer.",
            "There is an unknown charge of {money} on my statement.",
            "Why did the monthly fee go up to {money}?",
            "The invoice for {month} shows the wrong VAT number.",
        ),
        (
            "Please correct the invoice and send me a new one.",
            "I need a proper receipt for my accounting.",
            "My bank confirms that both payments went through.",
            "Could you explain what this fee is for?",
            "The billing page still shows the payment as open.",
        ),
    ),
    "Login": (
        (
            "I cannot log in to my account since yesterday.",
            "The password reset email never arrives.",
            "My account is locked after three wrong passwords.",
            "The verification code you send by text message is always rejected.",
            "I got a new phone and lost access to the authenticator for two-factor login.",
            "When I sign in it says that my user name does not exist.",
        ),
        (
            "I already checked the spam folder and tried another browser.",
            "Please unlock my account or reset the password for me.",
            "I am sure that my password is right.",
            "My login email is the one I am writing from.",
            "How do I change the email address for signing in?",
        ),
    ),
    "Delivery": (
        (
            "My parcel with the {product} should have arrived {days} days ago.",
            "Tracking for order {id} has not moved since {month}.",
            "The courier left my package with a neighbor I do not know.",
            "Order {id} says delivered but there is no parcel at my door.",
            "How long does shipping of the {product} to Norway take?",
            "I gave the wrong street number, can the shipment still be redirected?",
        ),
        (
            "The tracking number does not work on the carrier's page.",
            "Please ask the courier where the shipment is.",
            "I will be away next week, so the delivery date matters.",
            "Can I pick the parcel up at a station instead?",
            "The driver never rang the bell.",
        ),
    ),
    "Returns": (
        (
            "I want to send back the {product} and get a refund.",
            "The {product} came in the wrong size, I would like to exchange it.",
            "The {product} arrived broken and the box was torn.",
            "I returned order {id} {days} days ago and still have no refund.",
            "How do I print a return label for the {product}?",
            "The {product} stopped working within the warranty.",
        ),
        (
            "It is unused and still in the original packaging.",
            "Do I have to pay for the return?",
            "A replacement would be fine as well.",
            "Please refund {money} to my card.",
            "I attached pictures of the damage.",
        ),
    ),
    "App problems": (
        (
            "The app crashes as soon as I open the {screen} screen.",
            "Since the last update the app freezes on my Android tablet.",
            "The {screen} page stays blank in version 4.{digit}.",
            "I see error {id} when I tap on {screen}.",
            "The mobile app drains my battery and gets very slow.",
            "Push notifications do not show up on my iPhone anymore.",
        ),
        (
            "Reinstalling the app and restarting the device did not help.",
            "It worked well before the update.",
            "I can send you a screen recording of the bug.",
            "My system is up to date.",
            "Is there a fix planned for the next release?",
        ),
    ),
    "Cancellation": (
        (
            "I would like to cancel my subscription at the end of {month}.",
            "Please close my account and delete all my personal data.",
            "How do I stop the automatic renewal of my membership?",
            "I want to downgrade from the premium plan to the free one.",
            "My trial period ends soon and I do not want to continue.",
            "I cancelled the contract in {month} but it was renewed anyway.",
        ),
        (
            "Please confirm the cancellation in writing.",
            "What is the notice period?",
            "I do not use the service often enough.",
            "Under privacy law you have to erase my records.",
            "I may subscribe again later.",
        ),
    ),
}
MONTHS = ("January", "February", "March", "April", "May", "June", "August", "September", "October", "November")
SCREENS = ("settings", "checkout", "profile", "search", "wish list", "camera")


def message(rng: np.random.Generator, topic: str) -> str:
    """One message: a greeting, one or two complaints, some detail, a closing."""
    problems, details = TOPICS[topic]
    said = list(rng.choice(problems, 1 + int(rng.random() < 0.2), replace=False))
    said += list(rng.choice(details, int(rng.integers(0, 3)), replace=False))
    if rng.random() < 0.35:  # people mention other troubles too
        other = list(TOPICS)[rng.integers(len(TOPICS))]
        said.append(rng.choice(TOPICS[other][int(rng.integers(2))]))
    text = " ".join(part for part in (rng.choice(OPENINGS), *said, rng.choice(CLOSINGS)) if part)
    blanks = {
        "id": rng.integers(10_000, 99_999),
        "month": rng.choice(MONTHS),
        "money": f"{rng.integers(5, 250)}.{rng.choice(['00', '90', '99', '50'])} EUR",
        "product": rng.choice(PRODUCTS),
        "days": rng.integers(3, 30),
        "screen": rng.choice(SCREENS),
        "digit": rng.integers(0, 9),
        "name": rng.choice(NAMES),
    }
    return text.format(**blanks)


def make() -> pd.DataFrame:
    """All tickets in random order with number, day of arrival and topic."""
    rng = np.random.default_rng(SEED)
    rows = [(message(rng, topic), topic) for topic in TOPICS for _ in range(EACH)]
    order = rng.permutation(len(rows))
    opened = np.sort(np.datetime64("2025-01-06") + rng.integers(0, 180, len(rows)).astype("timedelta64[D]"))
    frame = pd.DataFrame([rows[i] for i in order], columns=["message", "topic"])
    frame.insert(0, "ticket", np.arange(4001, 4001 + len(rows)))
    frame.insert(1, "opened", opened.astype(str))
    return frame


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_suffix(".csv")
    make().to_csv(target, index=False, lineterminator="\n")
