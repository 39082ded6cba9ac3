"""Every finding under every defensible choice: evaluated at each rebuild, and said in a sentence that stands alone.

The alternatives are choices, not a sample: nothing here is a probability, and no share of the combinations is one.
"""

from __future__ import annotations

from dataclasses import dataclass

from helpers import choices, specified_acts, specified_exits, specified_stock
from helpers.choices import Choices
from helpers.ledger import Ledger
from helpers.outcomes import Outcomes


@dataclass(frozen=True)
class Evaluation:
    """All choices and, by the id of a finding, what it comes to under every combination of them; left or pushed by side."""

    chosen: Choices
    outcomes: dict[str, Outcomes]
    exits: dict[str, Outcomes]

    def __getitem__(self, finding: str) -> Outcomes:
        return self.outcomes[finding]


def evaluate(ledger: Ledger) -> Evaluation:
    """Evaluates lead change, stock lead, departure, replacement and disengagement under every combination of the switches that act on them."""
    chosen = choices.read(ledger)
    stocks = specified_stock.Stocks(ledger, chosen)
    found = [specified_acts.lead_change(ledger, chosen), specified_stock.stock_lead(stocks),
             specified_stock.left(stocks, "departure"), specified_stock.left(stocks, "replacement")]
    return Evaluation(chosen, {outcomes.finding: outcomes for outcomes in found}, specified_exits.disengagement(ledger, chosen))
