export function CheckFilePage() {
  return null
}
