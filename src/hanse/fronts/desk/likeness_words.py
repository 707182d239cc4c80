"""What is compared of two records, in words; how the two compare, the decision itself says."""

from __future__ import annotations

from hanse.language.words import mark

WHAT = {
    "prior": mark("how rarely two records are one firm"), "name": mark("name"), "address": mark("address"),
    "house number": mark("house number"), "place": mark("town"), "postcode": mark("postcode"),
    "phone": mark("telephone"), "telephone": mark("telephone"), "domain": mark("web site"),
    "registration": mark("VAT or registration number"), "legal form": mark("legal form"), "source": mark("source"),
    "sister": mark("another trade under the same name"), "chain": mark("a name that stands in many places"),
}  # fmt: skip
