export {
  chargeTraining,
  type DailyCost,
  dailyCosts,
  meter,
  type Usage,
  type UsageKind,
  usageTotals,
} from './metering.ts'
export { PRICE, trainingPrice } from './price.ts'
