export { binomialUpperTail, jeffreysInterval } from './binomial.ts'
