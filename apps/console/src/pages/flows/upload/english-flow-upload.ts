/** The texts of the page that uploads a flow. */
import { count, number } from '../../../texts/count.ts'

export const flowUploadTexts = {
  title: 'Upload a flow',
  lead: 'The hub checks the flow and its expressions, and signs it as a version that never changes.',
  drop: 'Drop the file of a flow here',
  dropHint:
    'flow.yaml, and optionally a recording (.jsonl) and its golden file (.json), so that devices test the flow before it is live. Nothing is sent before you confirm.',
  checking: 'The hub checks the flow',
  files: 'Files',
  fileColumns: { file: 'File', part: 'Part', size: 'Size' },
  parts: { flow: 'Flow', recording: 'Recording', golden: 'Golden file', unused: 'Not needed' },
  checks: 'Checks',
  sound: (name: string, parts: number) => `${name}, ${count(parts, 'part')}: no mistakes found here.`,
  expressions: 'The hub checks the expressions.',
  flaws: (rows: number) => count(rows, 'mistake'),
  at: (file: string, line: number) => `${file}, line ${number.format(line)}`,
  none: 'None of the files is a flow. A flow ends in .yaml, .yml or .json and names inputs.',
  several: (names: string) => `There are several flows: ${names}. Drop one at a time.`,
  alone: 'A recording and its golden file belong together. Drop both.',
  tooLarge: (mebibytes: number) => `more than ${number.format(mebibytes)} MiB`,
  tooMany: (samples: number) => `more than ${number.format(samples)} samples`,
  notJson: 'is not JSON',
  samples: (rows: number) => count(rows, 'sample'),
  outputs: (rows: number) => count(rows, 'output'),
  version: 'Version',
  becomes: {
    new: 'a new flow',
    next: (version: number) =>
      `becomes version ${number.format(version)}, or the existing version with the same content`,
    model: 'A model has this name. Give the flow another one.',
  },
  blocked: {
    files: 'Drop a flow first',
    reading: 'The files are still being read',
    flaws: 'Correct the mistakes first',
  },
  start: 'Upload',
} as const
