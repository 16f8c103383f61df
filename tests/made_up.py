"""Made-up input of Hypothesis that several tests share."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

SIGNS: Final = st.characters(exclude_categories=["Cs"])
"""Whatever UTF-8 can hold. `st.text()` alone means the same, and tries a million signs to know it:
1.6 s of each process that begins in a clean checkout."""
