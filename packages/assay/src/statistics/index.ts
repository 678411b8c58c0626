export { binomialUpperTail, clopperPearsonUpperBound, jeffreysInterval } from './binomial.ts'
