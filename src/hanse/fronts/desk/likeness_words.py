"""What speaks for two records being one firm, in words: what is compared, and how the two compare."""

from __future__ import annotations

from hanse.language.words import mark

WHAT = {
    "prior": mark("how rarely two records are one firm"), "name": mark("name"), "address": mark("address"),
    "house number": mark("house number"), "place": mark("town"), "postcode": mark("postcode"),
    "phone": mark("telephone"), "telephone": mark("telephone"), "domain": mark("web site"),
    "registration": mark("VAT or registration number"), "legal form": mark("legal form"), "source": mark("source"),
    "sister": mark("another trade under the same name"), "chain": mark("a name that stands in many places"),
}  # fmt: skip
HOW = frozenset({
    mark("the same name"),
    mark("one is also called as the other"),
    mark("the same but for spelling or order"),
    mark("one is the other's initials"),
    mark("no word in common"),
    mark("the same name in another trade"),
    mark("nearly all words"),
    mark("one name within the other"),
    mark("half of the words"),
    mark("a rare word"),
    mark("the same street and number"),
    mark("the same number, nearly the same street"),
    mark("the same street"),
    mark("the same number"),
    mark("another site of a chain"),
    mark("another town and telephone"),
    mark("another address, the same postcode"),
    mark("another address, the same town"),
    mark("another address"),
    mark("another country"),
    mark("the same postcode"),
    mark("the same town"),
    mark("nearly the same town"),
    mark("the same country"),
    mark("the same region"),
    mark("the same number without its area"),
    mark("a digit apart"),
    mark("the same but for the last two digits"),
    mark("the same domain"),
    mark("the same domain in another country"),
    mark("the same valid registration"),
    mark("the same registration"),
    mark("another valid one of the same kind"),
    mark("a character apart"),
    mark("another one of the same kind"),
    mark("the same legal form"),
    mark("the same source"),
    mark("different"),
})  # fmt: skip
