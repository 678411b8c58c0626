/** The four categories of harm, in the order in which the API's documents list them for models. */
export const CATEGORIES = ['violence', 'sexual', 'hate_fairness', 'self_harm'] as const

export type Category = (typeof CATEGORIES)[number]

export type ByCategory<Value> = Readonly<Record<Category, Value>>

/** Builds one value for each category. */
export function byCategory<Value>(valueOf: (category: Category) => Value): ByCategory<Value> {
  return {
    violence: valueOf('violence'),
    sexual: valueOf('sexual'),
    hate_fairness: valueOf('hate_fairness'),
    self_harm: valueOf('self_harm'),
  }
}

export function isCategory(value: unknown): value is Category {
  return (CATEGORIES as readonly unknown[]).includes(value)
}
