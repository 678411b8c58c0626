/** What is billed: tokens that a job trained on, and only of a job whose model passed its evaluation. */
export const PRICE = {
  currency: 'usd',
  /** Per million trained tokens, by base model. Safety replay is free: its tokens are not counted. */
  perMillionTrainedTokens: { 'smollm2-135m': 0.4, 'smollm2-135m-aligned': 0.4 } as Readonly<Record<string, number>>,
} as const

/** In `PRICE.currency`. A model without a price is not charged. */
export function trainingPrice(model: string, trainedTokens: number): number {
  return rounded(((PRICE.perMillionTrainedTokens[model] ?? 0) * trainedTokens) / 1e6)
}

/** To what a token can cost at the least; binary fractions leave a sum with digits that are none. */
export function rounded(amount: number): number {
  return Math.round(amount * 1e9) / 1e9
}
