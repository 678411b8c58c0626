export { progressLine } from './progress-line.ts'
export { whileWaiting } from './while-waiting.ts'
