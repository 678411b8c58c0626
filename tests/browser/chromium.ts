/** A Chromium of this machine, driven by playwright-core. */
import { type SpawnSyncOptions, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]
const isRoot = process.getuid?.() === 0

export const NO_CHROMIUM = 'There is no Chromium here: install Chromium or Chrome, or set ASSAY_CHROMIUM to its path.'

/** Where a Chromium is. Undefined where there is none. */
export function findChromium(): string | undefined {
  const named = process.env.ASSAY_CHROMIUM
  if (named && !existsSync(named)) throw new Error(`ASSAY_CHROMIUM names ${named}, where there is nothing.`)
  return named ?? PLACES.find((path) => existsSync(path))
}

/** As `findChromium`; on Debian, as root, it is installed where there is none. */
export function installChromium(): string | undefined {
  if (findChromium() || !isRoot || !existsSync('/etc/debian_version')) return findChromium()
  process.stderr.write('Installing Chromium for the browser tests (about a minute)\n')
  const options: SpawnSyncOptions = {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: 300_000,
  }
  spawnSync('apt-get', ['update', '-qq'], options)
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], options)
  return findChromium()
}

export function openBrowser(executablePath: string): Promise<Browser> {
  // As root, Chromium's own sandbox does not start.
  const args = ['--disable-gpu', '--force-color-profile=srgb', ...(isRoot ? ['--no-sandbox'] : [])]
  return chromium.launch({ executablePath, args })
}

/** What a page did that it must not: errors it wrote, and requests to anywhere else. */
export interface Misdeeds {
  readonly errors: string[]
  readonly elsewhere: string[]
}

/** Watches a page for as long as it lives. */
export function watchMisdeeds(page: Page, origin: string): Misdeeds {
  const misdeeds: Misdeeds = { errors: [], elsewhere: [] }
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') misdeeds.errors.push(message.text())
  })
  page.on('pageerror', (error) => misdeeds.errors.push(error.message))
  page.on('request', (request) => {
    const { protocol, origin: to } = new URL(request.url())
    if (protocol !== 'data:' && protocol !== 'blob:' && to !== origin) misdeeds.elsewhere.push(request.url())
  })
  return misdeeds
}

/** A page that has signed in, at `path`. */
export async function signedIn(context: BrowserContext, url: string, key: string, path: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(url + path)
  await page.getByLabel('API key').fill(key)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('navigation', { name: 'Main' }).waitFor({ state: 'attached' })
  return page
}
