"""What are the firms called? Coined names, with a trade word and the legal form of the country.

The roots are syllables put together at random, in a manner of the country's language; that one of them is
somebody's name would be chance.
"""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pyarrow as pa

from hanse.demo.chance import Dice, Floats, Ints
from hanse.demo.columns import together

# by manner of speech: first syllables, middle syllables, last syllables, trade words
_MANNERS = MappingProxyType({
    "english": (
        "Al Ash Bex Brom Cald Cor Dun El Fen Gal Har Hol Kel Lan Mar Nor Os Pen Quil Rad Sel Tam Ver Wex Wyn",
        "ber der dle fer gra ler man mer nor rin ster ten the ver wick worth",
        "bury dale field ford gate ham hurst ley ling mere more ridge stow ton well wood",
        "Systems|Consulting|Technology|Data Services|Solutions|Digital|Software|Integration|IT Services",
    ),
    "french": (
        "Ar Bel Bri Cal Chal Dor Es Fla Gar Jau Lam Lor Mar Mon Nan Or Pel Ro Sau Tal Va Ver Vil",
        "be che da do ga le li mi na ra re ri sa ta tri ve",
        "celle dac deau lac lande lier mont nac neuil quet rac roche sance tal vel vigne",
        "Systèmes|Conseil|Informatique|Numérique|Intégration|Logiciels|Services|Ingénierie",
    ),
    "german": (
        "Al Ber Bram Drei Eck Fal Gram Hal Hei Kal Kron Lin Mar Nor Ost Rab Sal Sie Tann Ul Wal Wer Zel",
        "be de gen ke ler mer nen ren sen ster te ten ver wal zen",
        "bach berg brück burg dorf feld furt hagen hausen heim hof kamp mark stedt tal werth",
        "Systeme|Datentechnik|Informatik|Beratung|Software|IT-Dienste|Systemhaus|Digital",
    ),
    "dutch": (
        "Aal Ber Dor Eem Gel Haar Ijs Kem Laan Maas Noor Oos Rij Scha Ter Veen Waal Zand",
        "be de den der ke le len me ne ren se te ven ze",
        "beek berg dijk donk hoven huis kerk laar meer rode sloot stede veld voort",
        "Systemen|Automatisering|ICT|Software|Consultancy|Data|Diensten",
    ),
    "nordic": (
        "Al Bjor Dal Ei Fjal Grim Hal Ing Kal Lind Mos Nor Os Ran Sand Skar Sol Tor Ulv Val Vid",
        "a e be da de ga ke la le me na ra re se ta va",
        "berg borg bro dal fors gard heim holm lund mark nes sund tun vang vik",
        "System|Data|IT|Konsult|Digital|Software|Partner",
    ),
    "iberian": (
        "Al Ar Bal Cal Cam Cor Dal Es Gal Her Lu Man Mir Nav Or Pal Ri San Sol Tor Val Ver",
        "ba be ca de di la lo ma me mi na ra ri ta te va ve",
        "dera des dor gal lares mar mira monte neda nera nova quera rosa tela vera vista",
        "Sistemas|Consultores|Informática|Soluciones|Digital|Tecnología|Software",
    ),
    "italian": (
        "Al Ar Bel Bor Cal Cas Dor Fal Gar Lam Mar Mon Nor Or Pal Ra Ser Tor Val Ver Vi",
        "ba be ca da de la le li ma me na ra re ri ta te ve",
        "dino gnano letta luce mare mondo nata netto nova razzo rino sano tico tore vento",
        "Sistemi|Informatica|Consulenza|Soluzioni|Digitale|Software|Servizi",
    ),
    "slavic": (
        "Bar Bel Bor Bro Dob Dra Gor Jas Kal Kos Kra Lub Mal Mir Nov Ol Rad Rud Slav Sto Tar Vel Zar",
        "a e i ba da de di ko la le li mi na ni ra ro vi",
        "bor chin dek gor grad lin mir nik nov pol rov slaw tek vin zan",
        "Systems|Informatika|Consulting|Soft|Data|Digital|IT",
    ),
    "levantine": (
        "Al Ara Bay Dal El Far Ga Haz Ila Ka Lev Mar Nad Nil Or Raf Sa Sha Tal Yar Za",
        "ba da di ka la li ma mi na ra ri sa ta ya za",
        "dan din far kan lan mar mir naz rat ren sal tan var yam zar",
        "Systems|Technologies|Data|Solutions|Consulting|Software|Digital",
    ),
    "african": (
        "Aba Ama Ba Du Eko Fa Imo Jo Ka Ku Le Ma Mbu Ndo Oba Sa Te Umo Za Zu",
        "ba da ka ke la li ma na ni sa ta wa zi",
        "bani cheli dara diso fani kama kuna lani longo mbo neli sani tanga veni zulo",
        "Systems|Technologies|ICT|Solutions|Consulting|Digital",
    ),
    "japanese": (
        "Aka Ao Asa Fuji Hana Hoshi Iwa Kawa Kita Kuro Masu Mina Mizu Nishi Oka Saku Shira Taka Tsuki Yama",
        "chi da hi ka ki ma mi na no ra sa shi su ta",
        "ba do gawa hara hashi ji kura mori moto numa saki sawa shima tani zawa",
        "Systems|Jōhō|Software|Data|Solutions|Digital",
    ),
    "chinese": (
        "An Bao Chang Da Feng Guang Hai Heng Jia Jin Kai Lian Ming Ning Qing Rui Sheng Tai Xin Yong Zhen",
        "bo chen de fa hong hua jing li long ping qi shan shi tong wei",
        "an chuang da dian guo he hui jia ke lan lin run tai xing yu",
        "Technology|Information|Software|Data|Systems|Digital",
    ),
    "korean": (
        "Ara Bo Cho Da Dong Eun Ga Han Hwa Ji Kang Mir Na On Sae Seo Song Tae Woo Yeon",
        "bi da du ga ha ji ma mi na ra ri sa so",
        "bit byeol chan dam gil han jin lim min nam ram rin san sol won",
        "Systems|Information|Soft|Data|Solutions|Digital",
    ),
    "indic": (
        "Adi Ama An Bha Cha Deva Ga In Jaya Ka Lak Maha Nan Nir Pra Ra Sa Su Tri Udi Va Vi",
        "bha da di ja ka la li ma mi na ni ra ri sha ta va",
        "dhan gama jit kara kanta lika mani mitra nanda pati raj sagar tara vati yana",
        "Infosystems|Technologies|Software|Consulting|Data|Digital|IT Services",
    ),
})  # fmt: skip


class Names:
    """The words of names as flat lists, with the first and the number of those of each country's manner."""

    def __init__(self, speech: tuple[str, ...], forms: tuple[tuple[str, ...], ...]) -> None:
        manners = list(_MANNERS)
        self._manner = np.asarray([manners.index(one) for one in speech])
        self._syllables = [Words([_MANNERS[one][place].split(" ") for one in manners]) for place in range(3)]
        self._trades = Words([_MANNERS[one][3].split("|") for one in manners])
        self._before = Words([[form.partition("*")[0] for form in country] for country in forms])
        self._after = Words([[form.partition("*")[2] for form in country] for country in forms])

    def full(self, dice: Dice, firm: Ints, head: Ints, country: Ints, head_country: Ints) -> pa.Array:
        """Full names: a subsidiary has the name of its group's head and the legal form of its own country."""
        root = self.root(dice, "firm", head_country, head)
        trade = self._trades.pick(self._manner[head_country], dice.uniform("trade", head))
        chance = dice.uniform("legal form", firm)
        before, after = self._before.pick(country, chance), self._after.pick(country, chance)
        return together(before, root, pa.scalar(" "), trade, after)

    def root(self, dice: Dice, draw: str, country: Ints, *keys: Ints) -> pa.Array:
        """One coined word per row, in the manner of its country."""
        manner = self._manner[country]
        pieces = [
            words.pick(manner, dice.uniform(f"{draw} syllable {place}", *keys))
            for place, words in enumerate(self._syllables)
        ]
        return together(*pieces)


class Words:
    """Several lists of words, from which rows pick by list and chance."""

    def __init__(self, lists: list[list[str]]) -> None:
        self.lengths: Ints = np.asarray([len(one) for one in lists], dtype=np.int64)
        self.first: Ints = np.cumsum(self.lengths) - self.lengths
        self.words = pa.array([word for one in lists for word in one], pa.string())

    def pick(self, which: Ints, uniform: Floats) -> pa.Array:
        """One word per row, of the list `which`; no such list may be empty."""
        return self.at(which, (uniform * self.lengths[which]).astype(np.int64))

    def at(self, which: Ints, position: Ints) -> pa.Array:
        """The words at these positions of the lists; positions beyond the end begin anew."""
        return self.words.take(pa.array(self.first[which] + position % self.lengths[which]))
