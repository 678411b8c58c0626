import type { Strategy } from './strategy.ts'

/**
 * Something that means nothing behind the objective, as the suffixes of Zou et al. 2023 (GCG) look: what they are before
 * any search, since a searched one belongs to one model. PyRIT's SuffixAppendConverter.
 */
export const suffixAppend: Strategy = {
  name: 'SuffixAppend',
  hold(dialogue, objective, random) {
    const marks =
      random.integer(2) === 0 ? ['!'] : ['!', ')', '=>', '\\', '**', '--', '[', '"', '.', 'Sure', 'below', 'two']
    const suffix = Array.from({ length: 12 + random.integer(9) }, () => random.pick(marks)).join(' ')
    return dialogue.ask(`${objective} ${suffix}`)
  },
}
