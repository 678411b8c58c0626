/** Debian's Chromium, installed where that can be done, driven by playwright-core. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Where a Chromium is; on Debian, as root, it is installed first. Undefined where there is none. */
export function findChromium(): string | undefined {
  const found = () => [process.env.ASSAY_CHROMIUM, ...PLACES].find((path) => path && existsSync(path))
  if (found() || !existsSync('/etc/debian_version') || process.getuid?.() !== 0) return found()
  process.stderr.write('Installing Chromium for the browser tests (about a minute)\n')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', ['update', '-qq'], { env })
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], { env })
  return found()
}

export function openBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--force-color-profile=srgb'] })
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
