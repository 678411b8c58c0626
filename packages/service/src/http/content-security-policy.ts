/**
 * Of a page that asks nobody else: nothing is loaded from elsewhere, nothing is sent elsewhere, nobody frames it.
 *
 * @param styles whose styles apply, beside its own files': a source expression of https://www.w3.org/TR/CSP3/
 */
export function contentSecurityPolicy(styles: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' ${styles}`,
    "connect-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
