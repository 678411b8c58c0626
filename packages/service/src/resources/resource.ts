/** A customer's instance (Azure's word): own keys, files, jobs, models, deployments, and a geography. */
export interface Resource {
  readonly id: string
  readonly name: string
  /** Evaluations of this resource run only on endpoints of this geography. */
  readonly geography: string
  /** Encrypts everything that the resource stores; kept wrapped by the key-encryption key. */
  readonly dataKey: Uint8Array
}

/** What a geography may be called: its queues are named after it. */
export const GEOGRAPHY = /^[\w./-]{1,100}$/

/** A resource as its operator sees it: what it is, and nothing that is in it. */
export interface ListedResource {
  readonly id: string
  readonly name: string
  readonly geography: string
  readonly createdAt: Date
}

/** An API key as its owner sees it later: the key itself is shown once, when it is made. */
export interface ApiKey {
  readonly id: string
  readonly name: string
  readonly lastFour: string
  readonly createdAt: Date
}
