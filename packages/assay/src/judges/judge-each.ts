import type { JudgeInput, Judgement } from './judge.ts'

/** One judgement an input, in their order; the first that fails ends the others. */
export async function judgeEach(
  inputs: readonly JudgeInput[],
  judgeOne: (input: JudgeInput, signal: AbortSignal) => Promise<Judgement>,
): Promise<readonly Judgement[]> {
  const stop = new AbortController()
  try {
    return await Promise.all(inputs.map((input) => judgeOne(input, stop.signal)))
  } catch (error) {
    stop.abort()
    throw error
  }
}
