/** The process that creates the embedded database in the folder that it is given, and ends. */
import { startPglite } from './embedded-postgres.ts'

const pglite = await startPglite(process.argv[2])
await pglite.close()
