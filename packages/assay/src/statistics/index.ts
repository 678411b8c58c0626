export { binomialUpperTail, clopperPearsonUpperBound, jeffreysInterval } from './binomial.ts'
export { mcnemarExact } from './mcnemar.ts'
