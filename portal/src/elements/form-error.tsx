import { IconAlertCircle } from '@tabler/icons-react'
import classes from './form-error.module.css'

/** What the service said against what was sent. */
export function FormError({ error }: { error: Error | null }) {
  if (!error) return null
  return (
    <div className={classes.error} role="alert">
      <IconAlertCircle size={18} aria-hidden="true" />
      <span>{error.message}</span>
    </div>
  )
}
