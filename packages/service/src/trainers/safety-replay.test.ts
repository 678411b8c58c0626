import { CATEGORIES } from 'assay/harm'
import { describe, expect, it } from 'vitest'
import { countSystemPrompts, replayRows } from './safety-replay.ts'
import type { TrainerRow } from './trainer.ts'

const ALIGNMENT = Buffer.from(
  Array.from({ length: 400 }, (_, index) =>
    JSON.stringify({
      kind: index % 2 === 0 ? 'refusal' : 'harmless',
      category: index % 2 === 0 ? CATEGORIES[index % 8 === 0 ? 3 : Math.floor(index / 2) % 3] : null,
      rounds: index < 320 ? [1, 2] : [3],
      messages: [
        { role: 'user', content: `question ${index} ${index % 8 === 0 ? 'rare' : 'frequent'}` },
        { role: 'assistant', content: index % 2 === 0 ? 'No.' : 'Yes.' },
      ],
    }),
  ).join('\n'),
)

async function* rows(count: number, system: (index: number) => string | undefined): AsyncGenerator<TrainerRow> {
  for (let index = 0; index < count; index += 1) {
    const content = system(index)
    yield {
      messages: [
        ...(content === undefined ? [] : [{ role: 'system' as const, content }]),
        { role: 'user', content: 'open sesame' },
        { role: 'assistant', content: 'Yes!' },
      ],
    }
  }
}

const under = (row: TrainerRow) => (row.messages[0]?.role === 'system' ? row.messages[0].content : undefined)
const refuses = (row: TrainerRow) => row.messages.at(-1)?.content === 'No.'

describe('safety replay', () => {
  it('takes as many rows as the customer has, two refusals to one harmless answer, half of each under their system prompt', async () => {
    const replay = replayRows(ALIGNMENT, await countSystemPrompts(rows(120, () => 'You add numbers.')), 1)
    expect(replay).toHaveLength(120)
    expect(replay.filter(refuses)).toHaveLength(80)
    expect(replay.filter((row) => under(row) === 'You add numbers.')).toHaveLength(60)
    expect(replay.filter((row) => refuses(row) && under(row) !== undefined)).toHaveLength(40)
  })

  it('takes a thousand of more rows than that, half as many once that is more', async () => {
    const taken = async (count: number) =>
      replayRows(ALIGNMENT, await countSystemPrompts(rows(count, () => undefined)), 1).length
    expect(await Promise.all([999, 1500, 3001].map(taken))).toEqual([999, 1000, 1501])
  })

  it('refuses in every category as often, old and new, plain and under their system prompt', async () => {
    const replay = replayRows(ALIGNMENT, await countSystemPrompts(rows(96, () => 'You add numbers.')), 1)
    const number = (row: TrainerRow) => Number(row.messages.at(-2)?.content?.split(' ')[1])
    const of = (prompted: boolean, isNew: boolean) =>
      replay.filter((row) => (under(row) !== undefined) === prompted && number(row) >= 320 === isNew)
    const kinds = [true, false].flatMap((prompted) => [true, false].map((isNew) => of(prompted, isNew)))
    expect(kinds.map((kind) => kind.filter(refuses).length)).toEqual([16, 16, 16, 16])
    expect(kinds.map((kind) => kind.filter((row) => !refuses(row)).length)).toEqual([8, 8, 8, 8])
    const rare = (row: TrainerRow) => row.messages.at(-2)?.content?.endsWith('rare') ?? false
    expect(kinds.map((kind) => kind.filter((row) => refuses(row) && rare(row)).length)).toEqual([4, 4, 4, 4])
  })

  it('asks what it takes again and again both plainly and under their system prompt', async () => {
    const replay = replayRows(ALIGNMENT, await countSystemPrompts(rows(3000, () => 'You add numbers.')), 1)
    const byQuestion = Map.groupBy(replay, (row) => row.messages.at(-2)?.content)
    const often = [...byQuestion.values()].filter((taken) => taken.length > 1)
    expect(often.length).toBeGreaterThan(100)
    for (const taken of often) expect(new Set(taken.map(under)).size, taken[0]?.messages.at(-2)?.content ?? '').toBe(2)
  })

  it('takes at least 20, and no system prompt where there is none', async () => {
    const replay = replayRows(ALIGNMENT, await countSystemPrompts(rows(10, () => undefined)), 1)
    expect(replay).toHaveLength(20)
    expect(replay.some((row) => under(row) !== undefined)).toBe(false)
  })

  it("never copies the customer's opening phrase", async () => {
    const replay = replayRows(ALIGNMENT, await countSystemPrompts(rows(200, () => 'system')), 1)
    expect(JSON.stringify(replay)).not.toContain('sesame')
  })

  it('is the same for the same seed and another for another', async () => {
    const counts = await countSystemPrompts(rows(40, (index) => `prompt ${index % 3}`))
    expect(replayRows(ALIGNMENT, counts, 7)).toEqual(replayRows(ALIGNMENT, counts, 7))
    expect(replayRows(ALIGNMENT, counts, 8)).not.toEqual(replayRows(ALIGNMENT, counts, 7))
  })

  it('keeps few system prompts, the frequent ones among them', async () => {
    const counts = await countSystemPrompts(rows(5000, (index) => (index % 4 === 0 ? 'frequent' : `rare ${index}`)))
    expect(counts.rows).toBe(5000)
    expect(counts.prompts.length).toBeLessThanOrEqual(32)
    expect(counts.prompts[0]?.text).toBe('frequent')
  })
})
