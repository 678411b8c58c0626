const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** What XML 1.0 cannot hold, not even escaped (section 2.2, Char); a file's name on disk can. */
const NOT_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu

/** Text inside XML or HTML, in an element or an attribute. */
export function escapeMarkup(text: string): string {
  return text.replace(NOT_XML, '\u{fffd}').replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character)
}
