import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium, openBrowser, signedIn, watchMisdeeds } from './chromium.ts'
import { KEY, type Rehearsal, rehearse } from './rehearsal.ts'
import { EMPTY_SCENES, type Prepared, prepare, SCENES, type Scene, until } from './scenes.ts'

const chromium = findChromium()
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** What is wider than its place: it would scroll sideways, or be cut off. */
const TOO_WIDE = `[document.documentElement, ...document.querySelectorAll('main, section, dialog')]
  .filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.ariaLabel ?? one.tagName)`

const TWO_FRAMES = 'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))'

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
}

/** What axe-core finds on the page as it stands; run from outside, since the page's policy lets no such script in. */
async function violations(page: Page, axe: string): Promise<string[]> {
  await page.evaluate(axe)
  const run = `axe.run(document, { runOnly: ${JSON.stringify(TAGS)} }).then((found) => found.violations)`
  const found = (await page.evaluate(run)) as Violation[]
  return found.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary}`),
  )
}

describe.skipIf(!chromium)('every page in its states, at WCAG 2.2 AA and at 360 pixels', () => {
  let browser: Browser
  let service: Rehearsal
  let empty: Rehearsal
  let prepared: Prepared
  let axe: string

  beforeAll(async () => {
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
    service = await rehearse({ pace: { step: 5 } })
    prepared = await prepare(service)
    empty = await rehearse()
    browser = await openBrowser(chromium as string)
  })
  afterAll(async () => {
    await browser?.close()
    await service?.close()
    await empty?.close()
  })

  const both = [
    ...SCENES.map((scene) => ({ scene, isEmpty: false })),
    ...EMPTY_SCENES.map((scene) => ({ scene, isEmpty: true })),
  ]
  test.each(both.map((one) => ({ ...one, name: one.scene.name })))('$name', async ({ scene, isEmpty }) => {
    await visit(scene, isEmpty ? empty : service, async (page, misdeeds) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        await until(page, `document.documentElement.dataset.mantineColorScheme === '${colorScheme}'`)
        // Colours that fade from one scheme to the other are neither, however long a busy machine takes for a frame.
        await page.evaluate(TWO_FRAMES)
        await until(page, '!document.getAnimations().some((one) => one instanceof CSSTransition)')
        expect([colorScheme, await violations(page, axe)]).toEqual([colorScheme, []])
      }
      for (const width of [1180, 360]) {
        await page.setViewportSize({ width, height: 740 })
        await expect.poll(() => page.evaluate(TOO_WIDE), { message: `at ${width} pixels` }).toEqual([])
      }
      // A browser writes an error for each refusal that a scene provokes on purpose, and for nothing else.
      expect(misdeeds.errors.filter((error) => !/status of 40[0149]/.test(error))).toEqual([])
      expect(misdeeds.elsewhere).toEqual([])
    })
  })

  async function visit(
    scene: Scene,
    where: Rehearsal,
    look: (page: Page, misdeeds: ReturnType<typeof watchMisdeeds>) => Promise<void>,
  ): Promise<void> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' })
    try {
      const path = scene.path(prepared)
      const page = scene.stranger ? await context.newPage() : await signedIn(context, where.url, KEY, path)
      const misdeeds = watchMisdeeds(page, where.url)
      if (scene.stranger) await page.goto(where.url + path)
      await scene.ready(page, { service: where, prepared })
      await look(page, misdeeds)
    } finally {
      await context.close()
      await scene.after?.({ service: where, prepared })
    }
  }
})
