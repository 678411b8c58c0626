export { binomialUpperTail, clopperPearsonUpperBound, jeffreysInterval } from './binomial.ts'
export { fisherExactGreater } from './fisher.ts'
export { mcnemarExact } from './mcnemar.ts'
