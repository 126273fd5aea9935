"""Makes the three .gz files of this folder from the fonts of BIZ UDGothic 1.05.

Usage: python3 subset.py FOLDER-WITH-THE-TTF-FILES   (needs fonttools)

What a PDF does not use goes: hinting, vertical metrics, layout tables, and the
glyphs no character reaches. All characters stay. Our PDF writer addresses 65,536 codes,
so characters beyond U+FFFF and the forms chosen by a variation selector get a
private-use code point here; glyphs.txt says which.
"""
import gzip
import sys
from copy import deepcopy
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

FIRST_PRIVATE = 0xE000
YOSHI, TSUCHIYOSHI = 0x5409, 0x20BB7  # 吉 and 𠮷, the 吉 of names, which the font lacks


def forms(font):
    return next(t for t in font["cmap"].tables if t.format == 14).uvsDict


def add_tsuchiyoshi(font):
    """Draws 𠮷: 吉 with the lengths of its two bars exchanged."""
    old = font.getBestCmap()[YOSHI]
    glyph = deepcopy(font["glyf"][old])
    glyph.removeHinting()
    xs = sorted({x for x, _ in glyph.coordinates[:16]})
    swap = {xs[0]: xs[1], xs[1]: xs[0], xs[-1]: xs[-2], xs[-2]: xs[-1]}
    for i in range(16):
        x, y = glyph.coordinates[i]
        glyph.coordinates[i] = (swap.get(x, x), y)
    font["glyf"]["u20BB7"] = glyph
    font["hmtx"]["u20BB7"] = font["hmtx"][old]
    font["vmtx"]["u20BB7"] = font["vmtx"][old]


def plan(font):
    """Returns {code: glyph} up to U+FFFF and the lines of glyphs.txt."""
    best = font.getBestCmap()
    best[TSUCHIYOSHI] = "u20BB7"
    codes = {c: g for c, g in best.items() if c <= 0xFFFF}
    lines, code = ["has " + r for r in ranges(codes)], FIRST_PRIVATE
    extra = [((c,), g) for c, g in sorted(best.items()) if c > 0xFFFF]
    pairs = [((c, s), g) for s, list_ in sorted(forms(font).items()) for c, g in sorted(list_)]
    extra += [p for p in pairs if p[1]]
    for characters, glyph in extra:
        codes[code] = glyph
        lines.append("map %X %s" % (code, " ".join("%X" % c for c in characters)))
        code += 1
    lines += ["same %X %X" % p for p, g in pairs if not g]
    return codes, lines


def ranges(codes):
    start = last = None
    for c in sorted(codes) + [0x110000]:
        if last is not None and c != last + 1:
            yield "%X %X" % (start, last)
            start = None
        start, last = (c if start is None else start), c


def cut(source, target):
    font = TTFont(source)
    add_tsuchiyoshi(font)
    codes, lines = plan(font)
    table = CmapSubtable.newSubtable(4)
    table.platformID, table.platEncID, table.language, table.cmap = 3, 1, 0, codes
    font["cmap"].tables = [table]
    options = subset.Options(hinting=False, layout_features=[], notdef_outline=True, glyph_names=False)
    options.drop_tables += ["GSUB", "GPOS", "vhea", "vmtx", "DSIG", "meta", "gasp"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=codes)
    subsetter.subset(font)
    font["cmap"].tables[0].platformID = 3
    font.save(target)
    return lines


def pack(path, data):
    path.write_bytes(gzip.compress(data, 9, mtime=0))


here, source = Path(__file__).parent, Path(sys.argv[1])
for weight in ("Regular", "Bold"):
    made = here / "made.ttf"
    text = "\n".join(cut(source / f"BIZUDPGothic-{weight}.ttf", made)) + "\n"
    pack(here / f"BIZUDPGothic-{weight}.ttf.gz", made.read_bytes())
    made.unlink()
pack(here / "glyphs.txt.gz", text.encode())
