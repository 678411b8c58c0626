/** Texts and pairs of request and reply as windows of tokens. python/judge/assay_judge/tokens.py is its twin. */

/** Tokens in one window, [CLS] and [SEP] included. */
export const WINDOW_TOKENS = 256
/** Of a longer text, so many windows are read at its beginning, and as many at its end: some 60,000 characters each. */
export const MAX_WINDOWS = 64
/** Of a request its last tokens are read, with every window of the reply. */
const REQUEST_TOKENS = 64
const CLS = 101
const SEP = 102

export interface Window {
  readonly ids: readonly number[]
  /** Tokens of the request or of a bare text come first and are of type 0; from here on they are the reply's, of type 1. */
  readonly replyFrom: number
}

/** All windows of a text, or of a reply with its request; an empty text has one. */
export function windowsOf(text: readonly number[], request?: readonly number[]): Window[] {
  const head = request ? [CLS, ...request.slice(-REQUEST_TOKENS), SEP] : [CLS]
  const size = WINDOW_TOKENS - head.length - 1
  const windows: Window[] = []
  for (let at = 0; at < Math.max(text.length, 1); at += size) {
    const ids = [...head, ...text.slice(at, at + size), SEP]
    windows.push({ ids, replyFrom: request ? head.length : ids.length })
  }
  if (windows.length <= 2 * MAX_WINDOWS) return windows
  return [...windows.slice(0, MAX_WINDOWS), ...windows.slice(-MAX_WINDOWS)]
}
