import { win32 } from 'node:path'
import { z } from 'zod'

/** Text that the database can hold: Postgres knows no NUL, and UTF-8 no half of a surrogate pair. */
export const text = z
  .string()
  .refine((value) => !value.includes('\0') && value.isWellFormed(), { error: 'no NUL and no unpaired surrogate' })

/** The name of a file, without the folders that a client may have put before it. */
export const fileName = text.min(1).overwrite((name) => win32.basename(name) || 'file')
