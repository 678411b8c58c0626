/** The four categories of harm, in the order in which the API's documents list them for models. */
export const CATEGORIES = ['violence', 'sexual', 'hate_fairness', 'self_harm'] as const

export type Category = (typeof CATEGORIES)[number]

export type ByCategory<Value> = Readonly<Record<Category, Value>>

/** Builds one value for each category. */
export function byCategory<Value>(create: (category: Category) => Value): ByCategory<Value> {
  return {
    violence: create('violence'),
    sexual: create('sexual'),
    hate_fairness: create('hate_fairness'),
    self_harm: create('self_harm'),
  }
}

export function isCategory(value: unknown): value is Category {
  return (CATEGORIES as readonly unknown[]).includes(value)
}
