export { type Calibration, calibrate, type HonestRows, LEAST_ROWS } from './calibrate.ts'
export { type LabelledRow, readLabelledRows } from './labelled-row.ts'
