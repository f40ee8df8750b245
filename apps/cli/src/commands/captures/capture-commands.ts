/** The commands on captures, in the order of the help. */
import type { Command } from '../../program/command.ts'
import { eraseSubject } from './erase.ts'
import { exportRows } from './export.ts'
import { labelRows } from './label.ts'
import { listCaptures } from './ls.ts'
import { showPerformance } from './performance.ts'
import { removeCapture } from './rm.ts'
import { showRows } from './rows.ts'
import { setCapture } from './set.ts'
import { showCapture } from './show.ts'

export const captureCommands: readonly Command[] = [
  setCapture,
  listCaptures,
  showCapture,
  showRows,
  labelRows,
  exportRows,
  eraseSubject,
  removeCapture,
  showPerformance,
]
