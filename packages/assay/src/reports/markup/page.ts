import { escapeMarkup } from './escape-markup.ts'
import { STYLE } from './style.ts'

/** One page that needs nothing else, to hand to somebody: no script, and nothing from outside, which its policy enforces. */
export function page(title: string, sections: readonly string[], footer: string): string {
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>${escapeMarkup(title)}</title><style>${STYLE}</style></head><body>`,
    `<main><h1>${escapeMarkup(title)}</h1>`,
    ...sections,
    '</main>',
    footer,
    '</body></html>\n',
  ].join('\n')
}

/** What a reader needs to hold it again, and what that gives. */
export function footer(title: string, facts: readonly (readonly [string, string])[], gives: string): string {
  const list = facts.map(([term, fact]) => `<dt>${escapeMarkup(term)}</dt><dd>${escapeMarkup(fact)}</dd>`)
  return `<footer><section aria-labelledby="again"><h2 id="again">${escapeMarkup(title)}</h2>\n<dl>${list.join('\n')}</dl>\n<p class="faint">${escapeMarkup(gives)}</p></section></footer>`
}

export type Row = readonly string[]

export function row(...cells: readonly (string | number)[]): Row {
  return cells.map(String)
}

/** @param numbersFrom the column from which on cells are numbers, set to the right */
export function table(caption: string, columns: Row, rows: readonly Row[], numbersFrom = columns.length): string {
  const cell = (tag: string, place: number, text: string, scope = '') =>
    `<${tag}${scope}${place >= numbersFrom ? ' class="number"' : ''}>${escapeMarkup(text)}</${tag}>`
  const head = columns.map((text, place) => cell('th', place, text, ' scope="col"')).join('')
  const body = rows
    .map((cells) => `<tr>${cells.map((text, place) => cell('td', place, text)).join('')}</tr>`)
    .join('\n')
  return scrolling(
    caption,
    `<table><caption>${escapeMarkup(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`,
  )
}

/** What keeps its width on a narrow screen and scrolls there; focusable, since a keyboard has to reach that (WCAG 2.1.1). */
export function scrolling(label: string, content: string): string {
  return `<div class="wide" tabindex="0" role="group" aria-label="${escapeMarkup(label)}">${content}</div>`
}
