"""Papers as Word documents, in the fonts and measures of official papers (GB/T 9704).

The fonts themselves are not free and not part of the product: the document names them, and the
office has them.
"""

import re
from collections.abc import Sequence
from io import BytesIO

import docx
from docx.document import Document as WordDocument
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.text.font import CT_RPr
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import _Row
from docx.text.paragraph import Paragraph as WordParagraph
from docx.text.run import Run

from casework.reports.document import Document, Forest, Heading, Paragraph, Table
from casework.reports.typesetting import picture

BODY, BOLD, TITLE, LATIN = "仿宋_GB2312", "黑体", "方正小标宋简体", "Times New Roman"
SIDES = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
}
TEXT_WIDTH = 15.6  # centimetres between the margins
SHADE, GREY, RED = "EDEDED", RGBColor(0x50, 0x50, 0x50), RGBColor(0xB3, 0x26, 0x1E)


def as_word(document: Document) -> bytes:
    """Return the document as .docx."""
    paper = docx.Document()
    _prepare(paper, document)
    _line(paper, document.title, size=18, font=TITLE, side="center")
    if document.subtitle:
        _line(paper, document.subtitle, size=12, side="center")
    for block in document.blocks:
        match block:
            case Heading():
                _heading(paper, block)
            case Paragraph():
                _paragraph(paper, block)
            case Table():
                _table(paper, block)
            case Forest():
                _forest(paper, block)
    for line in document.seal:
        paragraph = _line(paper, line, size=14, side="right")
        paragraph.paragraph_format.keep_with_next = line != document.seal[-1]
    stream = BytesIO()
    paper.save(stream)
    return stream.getvalue()


def _prepare(paper: WordDocument, document: Document) -> None:
    section = paper.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin, section.bottom_margin = Cm(3.2), Cm(2.8)
    section.left_margin = section.right_margin = Cm(2.7)
    normal = paper.styles["Normal"]
    if isinstance(normal, ParagraphStyle):
        normal.font.name, normal.font.size = LATIN, Pt(14)
        _east_asian(normal.element.get_or_add_rPr(), BODY)
        normal.element.rPr.append(_element("w:lang", val="en-US", eastAsia="zh-CN"))
    footers = paper.styles["Footer"]
    if isinstance(footers, ParagraphStyle):
        footers.font.size = Pt(9)
        normal.paragraph_format.line_spacing = 1.4
        normal.paragraph_format.space_after = Pt(0)
    paper.core_properties.title = document.title
    paper.core_properties.author = ""
    paper.core_properties.comments = document.source
    paper.core_properties.language = "zh-CN" if document.language.startswith("zh") else "en-GB"
    header = section.header.paragraphs[0]
    header.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _styled(header.add_run("　".join(document.marks)), BOLD, 9).font.color.rgb = RED
    footer = section.footer.paragraphs[0]
    _styled(footer.add_run(document.source), BODY, 8).font.color.rgb = GREY
    pages = section.footer.add_paragraph(style="Footer")
    pages.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _page_numbers(pages, document.page)


def _heading(paper: WordDocument, block: Heading) -> None:
    paragraph = paper.add_paragraph(style=f"Heading {block.level}")
    paragraph.paragraph_format.space_before = Pt(12 if block.level == 1 else 6)
    paragraph.paragraph_format.space_after = Pt(4)
    paragraph.paragraph_format.keep_with_next = True
    font = BOLD if block.level == 1 else BODY
    run = _styled(paragraph.add_run(block.text), font, 16 if block.level == 1 else 14)
    run.bold, run.font.color.rgb = block.level > 1, RGBColor(0, 0, 0)


def _paragraph(paper: WordDocument, block: Paragraph) -> None:
    paragraph = _line(paper, block.text, size=14, side=block.align)
    if block.indent:
        paragraph.paragraph_format.first_line_indent = Pt(28)


def _line(
    paper: WordDocument, text: str, *, size: float, font: str = BODY, side: str = "left"
) -> WordParagraph:
    paragraph = paper.add_paragraph()
    paragraph.alignment = SIDES[side]
    _styled(paragraph.add_run(text), font, size)
    return paragraph


def _table(paper: WordDocument, block: Table) -> None:
    if block.caption:
        caption = _line(paper, block.caption, size=12, font=BOLD)
        caption.paragraph_format.space_before = Pt(8)
        caption.paragraph_format.keep_with_next = True
    table = paper.add_table(rows=1, cols=len(block.heads), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    widths = _widths(block)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    head = table.rows[0]
    _fill(head, block.heads, widths, None)
    head._tr.get_or_add_trPr().append(_element("w:tblHeader"))  # noqa: SLF001 - on every page
    for cells in block.rows:
        row = table.add_row()
        _fill(row, cells, widths, block.numeric)
        row._tr.get_or_add_trPr().append(_element("w:cantSplit"))  # noqa: SLF001 - no row over two pages
    if block.note:
        note = _line(paper, block.note, size=9)
        note.paragraph_format.space_before, note.paragraph_format.space_after = Pt(3), Pt(6)
    else:
        _line(paper, "", size=6)


def _widths(block: Table) -> list[float]:
    shares = list(block.widths) or [1.0] * len(block.heads)
    return [TEXT_WIDTH * share / sum(shares) for share in shares]


def _fill(
    row: _Row, texts: Sequence[str], widths: list[float], numeric: frozenset[int] | None
) -> None:
    """Write the cells of a row; without *numeric* it is the head."""
    for column, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
        cell.width = Cm(widths[column])
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.line_spacing = 1.0
        if numeric is None:
            paragraph.alignment = SIDES["center"]
            cell._tc.get_or_add_tcPr().append(_element("w:shd", val="clear", fill=SHADE))  # noqa: SLF001 - python-docx has no shading
        elif column in numeric:
            paragraph.alignment = SIDES["right"]
        _styled(paragraph.add_run(text), BOLD if numeric is None else BODY, 9)


def _forest(paper: WordDocument, block: Forest) -> None:
    caption = _line(paper, block.caption, size=12, font=BOLD)
    caption.paragraph_format.space_before = Pt(8)
    caption.paragraph_format.keep_with_next = True
    plot = paper.add_paragraph()
    plot.alignment = SIDES["center"]
    plot.paragraph_format.keep_with_next = True
    drawn = plot.add_run().add_picture(BytesIO(picture(block)), width=Cm(TEXT_WIDTH))
    drawn._inline.docPr.set("descr", _in_words(block))  # noqa: SLF001 - python-docx has no alt text
    _line(paper, block.key, size=9)


def _in_words(block: Forest) -> str:
    return block.caption + "\n" + "\n".join(f"{bar.name} {bar.text}" for bar in block.bars)


def _styled(run: Run, font: str, size: float) -> Run:
    run.font.name, run.font.size = LATIN, Pt(size)
    _east_asian(run._element.get_or_add_rPr(), font)  # noqa: SLF001 - python-docx knows one font only
    return run


def _east_asian(properties: CT_RPr, font: str) -> None:
    properties.get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _page_numbers(paragraph: WordParagraph, words: str) -> None:
    """Write the words with the fields of the page and of the number of pages in them."""
    for part in re.split(r"(\{pages?\})", words):
        run = _styled(paragraph.add_run("" if part.startswith("{") else part), BODY, 9)
        if part.startswith("{"):
            field = "NUMPAGES" if part == "{pages}" else "PAGE"
            run._element.append(_element("w:fldChar", fldCharType="begin"))  # noqa: SLF001 - no fields
            text = OxmlElement("w:instrText")
            text.text = field
            run._element.append(text)  # noqa: SLF001 - as above
            run._element.append(_element("w:fldChar", fldCharType="end"))  # noqa: SLF001 - as above


def _element(name: str, **attributes: str) -> BaseOxmlElement:
    element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    return element
