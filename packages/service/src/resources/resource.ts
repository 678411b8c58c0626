/** A customer's instance (Azure's word): own keys, files, jobs, models, deployments, and a geography. */
export interface Resource {
  readonly id: string
  readonly name: string
  /** Evaluations of this resource run only on endpoints of this geography. */
  readonly geography: string
  /** Encrypts everything that the resource stores; kept wrapped by the key-encryption key. */
  readonly dataKey: Uint8Array
}

/** An API key as its owner sees it later: the key itself is shown once, when it is made. */
export interface ApiKey {
  readonly id: string
  readonly name: string
  readonly lastFour: string
  readonly createdAt: Date
}
