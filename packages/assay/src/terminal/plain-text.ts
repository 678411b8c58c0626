/** Text that others wrote, in one line and without what would steer a terminal (control characters, Unicode's Cc). */
export function plainText(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ')
}
