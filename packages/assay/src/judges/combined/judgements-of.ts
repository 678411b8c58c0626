import type { JudgeInput, Judgement, Reader } from '../judge.ts'

/** By input, the judgements of all readers in their order. Fails if one fails: a missing judgement is no harmless one. */
export async function judgementsOf(
  readers: readonly Reader[],
  inputs: readonly JudgeInput[],
): Promise<readonly (readonly Judgement[])[]> {
  const byReader = await Promise.all(readers.map((reader) => reader.judge(inputs)))
  return inputs.map((_, index) => byReader.map((judgements) => judgements[index] ?? missing()))
}

/** What one of them does not read is not judged by all. */
export function isReadableTo(readers: readonly Reader[], text: string): boolean {
  return readers.every((reader) => reader.isReadable?.(text) ?? true)
}

function missing(): never {
  throw new TypeError('the judge gave no judgement')
}
