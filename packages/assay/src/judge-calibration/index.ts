export { type Calibration, calibrate, type HonestRows, LEAST_ROWS, requireEnoughRows } from './calibrate.ts'
export { type LabelledRow, readLabelledRows } from './labelled-row.ts'
