"""Helpers of the Sahel Shift notebooks: dates, ledger, measures, findings, charts, pages."""

__version__ = "0.1.0"
