"""Makes contract.pdf, the contract of `undersign demo`: PDF/A-2u, two pages, two empty signature fields.

Run with fontTools installed, where the DejaVu fonts are: python3 contract.py
The fonts are DejaVu 2.37 (free licence, https://dejavu-fonts.github.io/License.html); the parties are fictitious.
"""
import io
import zlib
from fontTools import subset
from fontTools.ttLib import TTFont

FONTS = {"R": "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf",
         "B": "/usr/share/fonts/truetype/dejavu/DejaVuSerif-Bold.ttf"}
LEFT, GUTTER, COLUMN = 56.0, 18.0, 232.0
TITLE = ("SALES CONTRACT", "KAUFVERTRAG")
NUMBER = "No. EX-2026-0117"
PARTIES = [
    ("Example GmbH, Speicherstraße 1, 20457 Hamburg, Germany (“Seller”), and Sample Ltd, 12 Harbour Road, Valletta, "
     "Malta (“Buyer”), conclude the following contract.",
     "Example GmbH, Speicherstraße 1, 20457 Hamburg, Deutschland („Verkäufer“), und Sample Ltd, 12 Harbour Road, "
     "Valletta, Malta („Käufer“), schließen den folgenden Vertrag."),
]
CLAUSES = [
    ("1. Goods", "1. Ware",
     "The Seller sells and the Buyer buys 240 centrifugal pumps, type EX-40, stainless steel, as described in the data "
     "sheet EX-40 rev. C, which is part of this contract.",
     "Der Verkäufer verkauft und der Käufer kauft 240 Kreiselpumpen, Typ EX-40, Edelstahl, gemäß Datenblatt EX-40 Rev. C, "
     "das Bestandteil dieses Vertrages ist."),
    ("2. Price", "2. Preis",
     "The price is EUR 412.50 for each piece, EUR 99,000.00 in total, packing included, value added tax excluded.",
     "Der Preis beträgt 412,50 EUR je Stück, insgesamt 99.000,00 EUR, einschließlich Verpackung, ausschließlich "
     "Umsatzsteuer."),
    ("3. Delivery", "3. Lieferung",
     "The goods are delivered CIF Valletta (Incoterms 2020) no later than 30 April 2027. Partial deliveries need the "
     "Buyer’s consent in text form.",
     "Die Lieferung erfolgt CIF Valletta (Incoterms 2020) spätestens am 30. April 2027. Teillieferungen bedürfen der "
     "Zustimmung des Käufers in Textform."),
    ("4. Payment", "4. Zahlung",
     "30 % of the price is due within ten days of signature, 70 % against the shipping documents. Late payments bear "
     "interest of eight percentage points above the base rate of the European Central Bank.",
     "30 % des Preises sind innerhalb von zehn Tagen nach Unterzeichnung fällig, 70 % gegen Vorlage der "
     "Versanddokumente. Verspätete Zahlungen werden mit acht Prozentpunkten über dem Basiszinssatz der Europäischen "
     "Zentralbank verzinst."),
    ("5. Retention of title", "5. Eigentumsvorbehalt",
     "The goods remain the Seller’s property until the price has been paid in full.",
     "Die Ware bleibt bis zur vollständigen Zahlung des Preises Eigentum des Verkäufers."),
    ("6. Inspection and warranty", "6. Untersuchung und Gewährleistung",
     "The Buyer inspects the goods within 14 days of arrival and gives notice of visible defects within that time. The "
     "warranty lasts 24 months from arrival. The Seller remedies defects by repair or replacement.",
     "Der Käufer untersucht die Ware innerhalb von 14 Tagen nach Ankunft und zeigt erkennbare Mängel in dieser Frist an. "
     "Die Gewährleistung beträgt 24 Monate ab Ankunft. Der Verkäufer behebt Mängel durch Nachbesserung oder "
     "Ersatzlieferung."),
    ("7. Force majeure", "7. Höhere Gewalt",
     "A party that an event beyond its control prevents from performing is not liable for as long as the event lasts. If "
     "it lasts longer than three months, either party may withdraw.",
     "Eine Partei, die durch ein von ihr nicht zu vertretendes Ereignis an der Leistung gehindert ist, haftet nicht, "
     "solange das Ereignis andauert. Dauert es länger als drei Monate, kann jede Partei zurücktreten."),
    ("8. Confidentiality", "8. Vertraulichkeit",
     "The parties keep prices and technical documents confidential during the contract and for three years after it.",
     "Die Parteien behandeln Preise und technische Unterlagen während der Vertragsdauer und drei Jahre danach "
     "vertraulich."),
    ("9. Law and disputes", "9. Recht und Streitigkeiten",
     "The United Nations Convention on Contracts for the International Sale of Goods applies, and German law beside it. "
     "Disputes are settled by arbitration in Hamburg, in English.",
     "Es gilt das Übereinkommen der Vereinten Nationen über Verträge über den internationalen Warenkauf, ergänzend "
     "deutsches Recht. Streitigkeiten werden durch ein Schiedsgericht in Hamburg in englischer Sprache entschieden."),
    ("10. Electronic form", "10. Elektronische Form",
     "The parties sign this contract electronically. Each keeps a copy of the signed file, with which the signatures can "
     "be checked without a network.",
     "Die Parteien unterzeichnen diesen Vertrag elektronisch. Jede bewahrt eine Kopie der unterzeichneten Datei auf, mit "
     "der die Unterschriften ohne Netz geprüft werden können."),
    ("11. Language", "11. Sprache",
     "If the two versions differ, the English one prevails.",
     "Weichen die beiden Fassungen voneinander ab, gilt die englische."),
]


def load(path, text):
    """The subset of a font that `text` needs, with its glyph names kept."""
    options = subset.Options(glyph_names=True, hinting=False, notdef_outline=True, layout_features=[],
                             drop_tables=["GDEF", "GPOS", "GSUB", "kern", "FFTM", "DSIG"])
    full = TTFont(path)
    cmap = full.getBestCmap()
    chars = sorted({c for c in text if c != "\n"})
    options.retain_gids = False
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[ord(c) for c in chars])
    names = {c: cmap[ord(c)] for c in chars}
    widths = {c: full["hmtx"][names[c]][0] * 1000 / full["head"].unitsPerEm for c in chars}
    metrics = full["head"], full["hhea"]
    box = [full["head"].xMin, full["head"].yMin, full["head"].xMax, full["head"].yMax]
    scale = 1000 / full["head"].unitsPerEm
    info = {"ascent": metrics[1].ascent * scale, "descent": metrics[1].descent * scale, "box": [v * scale for v in box]}
    cutter.subset(full)
    gids = {c: full.getGlyphID(names[c]) for c in chars}
    full["post"].formatType = 3.0
    for unused in ("OS/2", "cmap", "name", "gasp"):
        if unused in full:
            del full[unused]
    out = io.BytesIO()
    full.save(out)
    return {"data": out.getvalue(), "gids": gids, "widths": widths, **info}


class Page:
    def __init__(self):
        self.content = ["/CS0 cs 0 sc"]

    def text(self, font, key, size, x, y, line):
        codes = "".join(f"{font['gids'][c]:04X}" for c in line)
        self.content.append(f"BT /{key} {size} Tf {x:.2f} {y:.2f} Td <{codes}> Tj ET")

    def rule(self, x, y, width):
        self.content.append(f"/CS0 CS 0.4 SC 0.5 w {x:.2f} {y:.2f} m {x + width:.2f} {y:.2f} l S")


def width(font, size, line):
    return sum(font["widths"][c] for c in line) * size / 1000


def wrap(font, size, text, most):
    lines, line = [], ""
    for word in text.split(" "):
        longer = f"{line} {word}".strip()
        if width(font, size, longer) <= most:
            line = longer
        else:
            lines.append(line)
            line = word
    return lines + [line]


def lay_out(fonts):
    regular, bold = fonts["R"], fonts["B"]
    pages, y = [Page()], 770.0
    columns = (LEFT, LEFT + COLUMN + GUTTER)
    for x, title in zip(columns, TITLE):
        pages[-1].text(bold, "B", 15, x, y, title)
    y -= 16
    pages[-1].text(regular, "R", 9, LEFT, y, NUMBER)
    y -= 10
    pages[-1].rule(LEFT, y, 2 * COLUMN + GUTTER)
    y -= 20
    blocks = [(None, None, *pair) for pair in PARTIES] + CLAUSES
    for english_head, german_head, english, german in blocks:
        sides = [wrap(regular, 9, text, COLUMN) for text in (english, german)]
        need = (14 if english_head else 0) + 12 * max(map(len, sides)) + 12
        if y - need < 70:
            pages.append(Page())
            y = 780.0
        if english_head:
            for x, head in zip(columns, (english_head, german_head)):
                pages[-1].text(bold, "B", 9, x, y, head)
            y -= 14
        for x, lines in zip(columns, sides):
            for index, line in enumerate(lines):
                pages[-1].text(regular, "R", 9, x, y - 12 * index, line)
        y -= 12 * max(map(len, sides)) + 12
    y -= 30
    fields = []
    for x, name, english, german in ((columns[0], "Seller", "For Example GmbH (Seller)", "Für Example GmbH (Verkäufer)"),
                                     (columns[1], "Buyer", "For Sample Ltd (Buyer)", "Für Sample Ltd (Käufer)")):
        pages[-1].text(bold, "B", 9, x, y, english)
        pages[-1].text(regular, "R", 9, x, y - 13, german)
        pages[-1].rule(x, y - 92, COLUMN)
        pages[-1].text(regular, "R", 7, x, y - 102, "Signature / Unterschrift")
        fields.append((name, (x, y - 90, x + COLUMN, y - 22)))
    for number, page in enumerate(pages, 1):
        footer = f"{NUMBER} · {number} / {len(pages)} · example document, fictitious parties"
        page.text(regular, "R", 7, LEFT, 40, footer)
    return pages, fields


def stream(data, entries=""):
    packed = zlib.compress(data, 9)
    return f"<< {entries} /Filter /FlateDecode /Length {len(packed)} >>\nstream\n".encode() + packed + b"\nendstream"


XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" pdfaid:part="2" pdfaid:conformance="U"/>
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title><rdf:Alt>
<rdf:li xml:lang="x-default">Sales contract EX-2026-0117</rdf:li></rdf:Alt></dc:title></rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


def to_unicode(font):
    rows = [f"<{gid:04X}> <{ord(c):04X}>" for c, gid in sorted(font["gids"].items(), key=lambda pair: pair[1])]
    parts = [rows[i:i + 100] for i in range(0, len(rows), 100)]
    body = "\n".join(f"{len(part)} beginbfchar\n" + "\n".join(part) + "\nendbfchar" for part in parts)
    return ("/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
            "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
            "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
            f"{body}\nendcmap CMapName currentdict /CMap defineresource pop end end").encode()


def font_objects(first, base_name, font):
    """Type0 font, CIDFont, descriptor, file, ToUnicode: five objects from number `first` on."""
    cid, descriptor, file, unicode = (first + i for i in range(1, 5))
    pairs = sorted((gid, font["widths"][c]) for c, gid in font["gids"].items())
    widths = " ".join(f"{gid} [{value:.0f}]" for gid, value in pairs)
    box = " ".join(f"{value:.0f}" for value in font["box"])
    return [
        f"<< /Type /Font /Subtype /Type0 /BaseFont /{base_name} /Encoding /Identity-H "
        f"/DescendantFonts [{cid} 0 R] /ToUnicode {unicode} 0 R >>".encode(),
        f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{base_name} /CIDToGIDMap /Identity /DW 600 "
        f"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
        f"/FontDescriptor {descriptor} 0 R /W [{widths}] >>".encode(),
        f"<< /Type /FontDescriptor /FontName /{base_name} /Flags 4 /FontBBox [{box}] /ItalicAngle 0 "
        f"/Ascent {font['ascent']:.0f} /Descent {font['descent']:.0f} /CapHeight 729 /StemV 80 "
        f"/FontFile2 {file} 0 R >>".encode(),
        stream(font["data"], f"/Length1 {len(font['data'])}"),
        stream(to_unicode(font)),
    ]


def build():
    text = "".join("".join(part) for part in PARTIES) + "".join(a + b + c + d for a, b, c, d in CLAUSES)
    text += "".join(TITLE) + NUMBER + " ·/0123456789 For Example GmbH (Seller) Für (Verkäufer) Sample Ltd (Buyer) (Käufer)"
    text += "Signature / Unterschrift example document, fictitious parties"
    fonts = {key: load(path, text) for key, path in FONTS.items()}
    pages, fields = lay_out(fonts)
    # 1 catalog, 2 page tree, 3 metadata, 4-8 and 9-13 fonts, 14 blank appearance, 15 colour space, then pages and fields.
    page_numbers = [16 + 2 * i for i in range(len(pages))]
    field_numbers = [16 + 2 * len(pages) + i for i in range(len(fields))]
    kids = " ".join(f"{n} 0 R" for n in page_numbers)
    form = " ".join(f"{n} 0 R" for n in field_numbers)
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R /Metadata 3 0 R /Lang (en) /AcroForm << /Fields [{form}] >> "
        "/ViewerPreferences << /DisplayDocTitle true >> >>".encode(),
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Metadata /Subtype /XML /Length %d >>\nstream\n%s\nendstream" % (len(XMP.encode()), XMP.encode()),
    ]
    objects += font_objects(4, "UNDRSG+DejaVuSerif", fonts["R"])
    objects += font_objects(9, "UNDRSG+DejaVuSerif-Bold", fonts["B"])
    objects.append(b"<< /Type /XObject /Subtype /Form /BBox [0 0 1 1] /Length 0 >>\nstream\n\nendstream")
    objects.append(b"[/CalGray << /WhitePoint [0.9505 1 1.089] /Gamma 2.2 >>]")
    for index, page in enumerate(pages):
        annotations = f"/Annots [{form}] " if index == len(pages) - 1 else ""
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {page_numbers[index] + 1} 0 R {annotations}"
            "/Resources << /ColorSpace << /CS0 15 0 R >> /Font << /R 4 0 R /B 9 0 R >> >> >>".encode())
        objects.append(stream("\n".join(page.content).encode()))
    for name, rectangle in fields:
        corners = " ".join(f"{value:.2f}" for value in rectangle)
        objects.append(
            f"<< /Type /Annot /Subtype /Widget /FT /Sig /T ({name}) /F 4 /Rect [{corners}] /P {page_numbers[-1]} 0 R "
            "/AP << /N 14 0 R >> >>".encode())
    out, offsets = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010} 00000 n \n".encode() for offset in offsets)
    identifier = "756e64657273676e2d64656d6f2d3031"
    out += (f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /ID [<{identifier}> <{identifier}>] >>\n"
            f"startxref\n{start}\n%%EOF\n").encode()
    return bytes(out)


if __name__ == "__main__":
    with open("contract.pdf", "wb") as file:
        file.write(build())
