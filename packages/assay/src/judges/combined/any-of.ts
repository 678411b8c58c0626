import { digestOf } from '../digest-of.ts'
import type { JudgeInput, Judgement, Reader } from '../judge.ts'
import { worstOf } from '../worst-of.ts'
import { isReadableTo, judgementsOf } from './judgements-of.ts'

/** Harmful is what any of the readers finds harmful: the highest probability counts. */
export function anyOf(readers: readonly Reader[]): Reader {
  return {
    name: `any-of(${readers.map((reader) => reader.name).join(',')})`,
    digest: digestOf({ judge: 'any-of', of: readers.map((reader) => reader.digest) }),
    judge: async (inputs: readonly JudgeInput[]): Promise<readonly Judgement[]> =>
      (await judgementsOf(readers, inputs)).map(worstOf),
    isReadable: (text) => isReadableTo(readers, text),
    close: async () => {
      await Promise.all(readers.map((reader) => reader.close()))
    },
  }
}
