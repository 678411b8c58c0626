import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { AssayError } from '../errors/index.ts'

const PACKAGE = join(import.meta.dirname, '..', '..')
// Packing leaves a copy in a checkout too, which ages there.
const PACKED = !existsSync(join(PACKAGE, 'src'))

/** The path of what ships: beside the package where it is installed, elsewhere in a checkout. */
export function shippedPath(inPackage: string, inCheckout: string): string {
  return PACKED ? join(PACKAGE, inPackage) : join(PACKAGE, '..', '..', inCheckout)
}

/**
 * Loads what ships.
 * @param what that it is, for the message
 * @param remedy in a checkout; a package is installed again
 * @throws {AssayError} `asset_missing`
 */
export async function loadShipped<Loaded>(what: string, remedy: string, load: () => Promise<Loaded>): Promise<Loaded> {
  try {
    return await load()
  } catch (cause) {
    if (AssayError.is(cause)) throw cause
    throw new AssayError('asset_missing', `${what} are not there.`, {
      cause,
      remedy: PACKED ? 'Install the package again.' : remedy,
    })
  }
}
