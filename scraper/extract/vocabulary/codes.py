"""Words of discount codes and of what they promise."""

from __future__ import annotations

from typing import Final

CODE_PHRASES: Final = {
    "en, de": r"(?:discount|promo(?:tion(?:al)?)?|coupon|voucher|checkout|offer|gift|rabatt"
    r"|gutschein)[\s-]*(?:code|kode)|gutscheincode|rabattcode",
    "fr": r"code\s+promo",
    "es": r"código(?:\s+de\s+descuento|\s+promocional)?",
    "pt, es": r"cupom|cup[óo]n",
    "nl": "kortingscode",
    "it": r"codice(?:\s+sconto)?",
    "en": r"(?:use|enter|apply|with|using|quote|type|add|claim|redeem)"
    r"\s+(?:the\s+|our\s+|my\s+|this\s+|your\s+)?(?:[\w%-]+\s+){0,2}?(?:code|coupon|voucher)",
    "with": r"(?:mit|avec|con|com|met)\s+(?:dem\s+|le\s+|el\s+|o\s+|il\s+|de\s+)?code",
    "bare": r"the\s+code|code",
}
"""What stands right before a discount code."""

AT_CHECKOUT: Final = {
    "en": r"(?:at|on|in|during)\s+(?:the\s+|your\s+)?(?:checkout|check-out|till|basket|cart)",
    "de": r"(?:an\s+der\s+kasse|im\s+warenkorb|beim\s+(?:bezahlen|checkout))",
    "fr": r"(?:à\s+la\s+caisse|dans\s+(?:le|votre)\s+panier|lors\s+du\s+paiement)",
    "es, pt": r"(?:al\s+(?:pagar|finalizar(?:\s+la\s+compra)?)|en\s+(?:la\s+caja|el\s+carrito)"
    r"|no\s+(?:carrinho|checkout)|ao\s+finalizar)",
    "it": r"(?:alla\s+cassa|al\s+checkout|nel\s+carrello)",
    "nl": r"(?:bij\s+het\s+afrekenen|in\s+(?:je|de)\s+winkelwagen)",
}
"""Where a code is entered, said between the word for it and the code."""

CODE_WORDS: Final = (
    "code",
    "coupon",
    "voucher",
    "kode",
    "código",
    "cupom",
    "cupón",
    "cupon",
    "codice",
)
"""One of these stands in each of `CODE_PHRASES`."""

TILL_WORDS: Final = ("check", "till", "basket", "cart")
PAYING_WORD: Final = "when"
GIVING_VERBS: Final = ("get", "give", "take", "knock", "save", "post", "bring", "ship")
OTHER_CODES: Final = (
    "post(?:al)?|zip|error|dress|qr|bar|html|css|source|country|dial(?:ling)?|area|colou?r|batch"
    "|product|item|tax|hs|hex|access|door|building|penal|civil|iso|http|status|morse|sort|swift"
    "|genetic"
)
"""What stands before "code" where no discount is meant."""

PERCENT: Final = r"%|per\s?cent\b|percent\b|prozent\b"
PERCENT_SIGNS: Final = ("%", "cent", "prozent")
CURRENCIES: Final = {
    "£": "GBP",
    "€": "EUR",
    "eur": "EUR",
    "euro": "EUR",
    "euros": "EUR",
    "gbp": "GBP",
    "usd": "USD",
    "cad": "CAD",
    "aud": "AUD",
}
MONEY_SIGNS: Final = ("£", "$", "€", "eur", "gbp", "usd", "cad", "aud")
FREE_SHIPPING: Final = {
    "en": r"free\s+(?:\w+\s+)?(?:shipping|delivery|postage)",
    "de": r"versandkostenfrei|gratis\s*versand",
    "fr": r"livraison\s+(?:gratuite|offerte)",
    "es": r"envío\s+gratis",
    "pt": r"frete\s+grátis",
}
SHIPPING_WORDS: Final = ("free", "versand", "livraison", "env", "frete")
"""One of these stands in each of `FREE_SHIPPING`."""

SAVING: Final = {
    "en": "off|discount|saves?|saving",
    "de": "rabatt|sparen",
    "fr": "reduction|remise",
    "es": "descuento",
    "pt": "desconto",
    "it": "sconto",
    "nl": "korting",
    "more": "cheaper|towards?|worth|claim",
}
CONDITIONS: Final = r"over|above|spend|orders? of|minimum|ab|from|under"
"""What stands before a sum that one has to spend."""
