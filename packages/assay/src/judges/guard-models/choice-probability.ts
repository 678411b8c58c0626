import type { Answer } from './guard-model.ts'

/**
 * Probability of one answer among the few that the model may give, from the alternatives to the first token of the
 * answer: "we look at the probability for the first token" (Llama Guard 3 model card; ShieldGemma and Granite Guardian
 * do the same). Normalised over the choices. 1 or 0 by the text where the endpoint returns no log probabilities.
 *
 * @param options.choices no one begins another
 * @param options.said the choice that the text makes
 * @param options.after what stands before the answer; anchored at its end
 */
export function choiceProbability<Choice extends string>(
  answer: Answer,
  options: { readonly of: Choice; readonly choices: readonly Choice[]; readonly said: Choice; readonly after: RegExp },
): number {
  const { of, choices, said, after } = options
  const alternatives = alternativesAfter(answer, after)
  let mass = 0
  let whole = 0
  for (const { token, logprob } of alternatives) {
    const begun = token.trim().toLowerCase()
    const choice = begun && choices.find((candidate) => candidate.toLowerCase().startsWith(begun))
    if (!choice) continue
    whole += Math.exp(logprob)
    if (choice === of) mass += Math.exp(logprob)
  }
  if (whole === 0) return said === of ? 1 : 0
  return mass / whole
}

function alternativesAfter(answer: Answer, after: RegExp): Answer['tokens'][number]['top_logprobs'] {
  let before = ''
  for (const token of answer.tokens) {
    if (token.token.trim() !== '' && after.test(before)) {
      return token.top_logprobs.length > 0 ? token.top_logprobs : [token]
    }
    before += token.token
  }
  return []
}
