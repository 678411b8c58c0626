export {
  chargeTraining,
  type DailyCost,
  dailyCosts,
  type JobBill,
  jobBill,
  meter,
  takeBackCharge,
  type Usage,
  type UsageKind,
  usageTotals,
} from './metering.ts'
export { PRICE, trainingPrice } from './price.ts'
