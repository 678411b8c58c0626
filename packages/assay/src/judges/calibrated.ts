import type { JudgeCalibration } from './calibration.ts'
import { digestOf } from './digest-of.ts'
import type { Judge, Reader } from './judge.ts'

/** The reader with its measured error. Another calibration is another judge: it decides otherwise. */
export function calibrated(reader: Reader, calibration: JudgeCalibration): Judge {
  return {
    name: reader.name,
    digest: digestOf({ reader: reader.digest, calibration }),
    calibration,
    judge: (inputs) => reader.judge(inputs),
    ...(reader.judgeHarm && { judgeHarm: reader.judgeHarm.bind(reader) }),
    ...(reader.isReadable && { isReadable: reader.isReadable.bind(reader) }),
    close: () => reader.close(),
  }
}
