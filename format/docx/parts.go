package docx

import (
	"fmt"
	"strings"
	"time"
)

const (
	head  = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	main  = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
	rel   = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	pkg   = "http://schemas.openxmlformats.org/package/2006/"
	types = "application/vnd.openxmlformats-officedocument.wordprocessingml."
)

type part struct{ name, text string }

// parts are the files of the zip. [Content_Types].xml stands first, as some
// readers look at the beginning only.
func (d *Doc) parts() []part {
	return []part{
		{"[Content_Types].xml", contentTypes()},
		{"_rels/.rels", relations(
			[2]string{rel + "/officeDocument", "word/document.xml"},
			[2]string{pkg + "relationships/metadata/core-properties", "docProps/core.xml"},
		)},
		{"docProps/core.xml", d.core()},
		{"word/document.xml", d.document()},
		{"word/_rels/document.xml.rels", relations(
			[2]string{rel + "/styles", "styles.xml"},
			[2]string{rel + "/numbering", "numbering.xml"},
			[2]string{rel + "/settings", "settings.xml"},
			[2]string{rel + "/footer", "footer1.xml"},
		)},
		{"word/styles.xml", d.styles()},
		{"word/numbering.xml", d.numbering()},
		{"word/settings.xml", `<w:settings xmlns:w="` + main + `"><w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>`},
		{"word/footer1.xml", d.footer()},
	}
}

func contentTypes() string {
	var b strings.Builder
	b.WriteString(`<Types xmlns="` + pkg + `content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>`)
	for _, o := range [][2]string{
		{"/word/document.xml", types + "document.main+xml"},
		{"/word/styles.xml", types + "styles+xml"},
		{"/word/numbering.xml", types + "numbering+xml"},
		{"/word/settings.xml", types + "settings+xml"},
		{"/word/footer1.xml", types + "footer+xml"},
		{"/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"},
	} {
		b.WriteString(`<Override PartName="` + o[0] + `" ContentType="` + o[1] + `"/>`)
	}
	return b.String() + "</Types>"
}

// relations numbers its targets rId1, rId2 …; the footer is rId4 of the document.
func relations(all ...[2]string) string {
	var b strings.Builder
	b.WriteString(`<Relationships xmlns="` + pkg + `relationships">`)
	for i, r := range all {
		fmt.Fprintf(&b, `<Relationship Id="rId%d" Type="%s" Target="%s"/>`, i+1, r[0], r[1])
	}
	return b.String() + "</Relationships>"
}

func (d *Doc) core() string {
	at := d.properties.Created.Format(time.RFC3339)
	return `<cp:coreProperties xmlns:cp="` + pkg + `metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"` +
		` xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` +
		`<dc:title>` + escape(d.properties.Title) + `</dc:title><dc:creator>` + escape(d.properties.Creator) + `</dc:creator>` +
		`<dc:language>` + escape(d.properties.Lang) + `</dc:language>` +
		`<dcterms:created xsi:type="dcterms:W3CDTF">` + at + `</dcterms:created>` +
		`<dcterms:modified xsi:type="dcterms:W3CDTF">` + at + `</dcterms:modified></cp:coreProperties>`
}

// document is A4 with margins of 25 mm, in twentieths of a point.
func (d *Doc) document() string {
	return `<w:document xmlns:w="` + main + `" xmlns:r="` + rel + `"><w:body>` + d.body.String() +
		`<w:sectPr><w:footerReference w:type="default" r:id="rId4"/><w:pgSz w:w="11906" w:h="16838"/>` +
		`<w:pgMar w:top="1418" w:right="1418" w:bottom="1418" w:left="1418" w:header="709" w:footer="709" w:gutter="0"/></w:sectPr></w:body></w:document>`
}

func (d *Doc) footer() string {
	before := ""
	if d.properties.Footer != "" {
		before = `<w:r><w:t xml:space="preserve">` + escape(d.properties.Footer) + `　</w:t></w:r>`
	}
	return `<w:ftr xmlns:w="` + main + `"><w:p><w:pPr><w:jc w:val="center"/></w:pPr>` + before +
		`<w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple></w:p></w:ftr>`
}

// styles names fonts that Japanese Windows and macOS have; sizes are in half points.
func (d *Doc) styles() string {
	lang := escape(d.properties.Lang)
	heading := func(id, name string, size, before int, more string) string {
		return fmt.Sprintf(`<w:style w:type="paragraph" w:styleId="%s"><w:name w:val="%s"/><w:basedOn w:val="Normal"/><w:next w:val="Normal"/><w:qFormat/>`+
			`<w:pPr><w:keepNext/><w:spacing w:before="%d" w:after="80"/>%s</w:pPr><w:rPr><w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:eastAsia="游ゴシック" w:cs="Arial"/><w:b/><w:sz w:val="%d"/></w:rPr></w:style>`,
			id, name, before, more, size)
	}
	level := func(n int) string { return fmt.Sprintf(`<w:outlineLvl w:val="%d"/>`, n) }
	return `<w:styles xmlns:w="` + main + `"><w:docDefaults><w:rPrDefault><w:rPr>` +
		`<w:rFonts w:ascii="Century" w:hAnsi="Century" w:eastAsia="游明朝" w:cs="Times New Roman"/><w:sz w:val="21"/>` +
		`<w:lang w:val="` + lang + `" w:eastAsia="ja-JP"/></w:rPr></w:rPrDefault>` +
		`<w:pPrDefault><w:pPr><w:spacing w:after="100" w:line="320" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>` +
		`<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>` +
		heading("Title", "Title", 36, 0, `<w:jc w:val="center"/>`) +
		heading("Heading1", "heading 1", 26, 280, level(0)) +
		heading("Heading2", "heading 2", 23, 220, level(1)) +
		heading("Heading3", "heading 3", 21, 180, level(2)) +
		`<w:style w:type="paragraph" w:styleId="ListNumber"><w:name w:val="List Number"/><w:basedOn w:val="Normal"/></w:style></w:styles>`
}

// numbering gives each list a count of its own.
func (d *Doc) numbering() string {
	var b strings.Builder
	b.WriteString(`<w:numbering xmlns:w="` + main + `"><w:abstractNum w:abstractNumId="0"><w:multiLevelType w:val="singleLevel"/>` +
		`<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/><w:lvlJc w:val="left"/>` +
		`<w:pPr><w:ind w:left="480" w:hanging="480"/></w:pPr></w:lvl></w:abstractNum>`)
	for i := 1; i <= d.lists; i++ {
		fmt.Fprintf(&b, `<w:num w:numId="%d"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>`, i)
	}
	return b.String() + "</w:numbering>"
}
