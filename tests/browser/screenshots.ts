/**
 * `npm run screenshots`: every page of the portal in its states, into `docs/images/`. The service is the rehearsal that the
 * browser tests use: its figures are made up, its pages and verdicts are not.
 */
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { installChromium, NO_CHROMIUM, openBrowser, signedIn } from './chromium.ts'
import { KEY, type Rehearsal, rehearse } from './rehearsal.ts'
import { EMPTY_SCENES, type Prepared, prepare, SCENES, type Scene } from './scenes.ts'

const FOLDER = join(import.meta.dirname, '..', '..', 'docs', 'images')
const WIDE = { width: 1180, height: 720 }
/** Where the height of a usual window would cut through what the picture is for. */
const HEIGHTS: Readonly<Record<string, number>> = {
  attestation: 940,
  'check-file-advice': 940,
  'evaluation-live': 880,
  'evaluation-report': 2150,
  'job-data-refused': 770,
  'job-model-refused': 790,
  'job-succeeded': 960,
  'new-job': 840,
}
const PHONE = { width: 360, height: 740 }
/** As far as the first rows of its tables. */
const HEIGHTS_ON_A_PHONE: Readonly<Record<string, number>> = { 'evaluation-report': 1080 }
const DARK = ['jobs', 'job-model-refused', 'evaluation-live', 'evaluation-report', 'playground-answered']
const ON_A_PHONE = [
  'jobs',
  'job-data-refused',
  'evaluation-live',
  'evaluation-report',
  'check-file-refused',
  'models',
  'sign-in',
]

const executable = installChromium()
if (!executable) {
  process.stderr.write(`${NO_CHROMIUM}\n`)
  process.exit(3)
}
await mkdir(FOLDER, { recursive: true })
for (const name of await readdir(FOLDER)) if (name.startsWith('portal-')) await rm(join(FOLDER, name))
const service = await rehearse({ pace: { step: 10, steps: 60 } })
const empty = await rehearse()
const browser = await openBrowser(executable)
try {
  const prepared = await prepare(service)
  for (const scene of SCENES) await photograph(scene, service, prepared)
  for (const scene of EMPTY_SCENES) await photograph(scene, empty, prepared)
} finally {
  await browser.close()
  await service.close()
  await empty.close()
}
const sizes = await Promise.all((await readdir(FOLDER)).map(async (name) => (await stat(join(FOLDER, name))).size))
process.stderr.write(`${sizes.length} pictures, ${Math.round(sizes.reduce((sum, size) => sum + size, 0) / 1000)} kB\n`)

async function photograph(scene: Scene, where: Rehearsal, prepared: Prepared): Promise<void> {
  const viewport = { ...WIDE, height: HEIGHTS[scene.name] ?? WIDE.height }
  const context = await (browser as Browser).newContext({ viewport, reducedMotion: 'reduce', timezoneId: 'UTC' })
  try {
    const path = scene.path(prepared)
    const page = scene.stranger ? await context.newPage() : await signedIn(context, where.url, KEY, path)
    if (scene.stranger) await page.goto(where.url + path)
    await scene.ready(page, { service: where, prepared })
    await page.mouse.move(0, 0)
    const shoot = async (suffix: string) => {
      await page.waitForTimeout(500)
      await page.screenshot({ path: join(FOLDER, `portal-${scene.name}${suffix}.png`), animations: 'disabled' })
    }
    await shoot('')
    if (DARK.includes(scene.name)) {
      await page.emulateMedia({ colorScheme: 'dark' })
      await shoot('-dark')
      await page.emulateMedia({ colorScheme: 'light' })
    }
    if (ON_A_PHONE.includes(scene.name)) {
      await page.setViewportSize({ ...PHONE, height: HEIGHTS_ON_A_PHONE[scene.name] ?? PHONE.height })
      await shoot('-phone')
    }
  } finally {
    await context.close()
    await scene.after?.({ service: where, prepared })
  }
}
