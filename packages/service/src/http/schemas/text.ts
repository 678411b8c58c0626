import { z } from 'zod'

/** Text that the database can hold: Postgres knows no NUL, and UTF-8 no half of a surrogate pair. */
export const text = z
  .string()
  .refine((value) => !value.includes('\0') && value.isWellFormed(), { error: 'no NUL and no unpaired surrogate' })
