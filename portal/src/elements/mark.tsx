/** The mark of the service: an assay office stamps what it has tested. */
export function Mark({ size = 26 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path d="M16 1.5 28.5 8.75v14.5L16 30.5 3.5 23.25V8.75z" fill="var(--mantine-primary-color-filled)" />
      <path
        d="m10.2 16.6 4.1 4.1 7.7-8.6"
        fill="none"
        stroke="var(--mantine-primary-color-contrast)"
        strokeWidth="3"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}
