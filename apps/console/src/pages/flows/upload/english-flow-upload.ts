/** The texts of the page that uploads a flow. */
import { count, number } from '../../../texts/count.ts'

export const flowUploadTexts = {
  title: 'Upload a flow',
  lead: 'The hub checks it with all its expressions, and signs it as a version that never changes.',
  drop: 'Drop the file of a flow here',
  dropHint:
    'flow.yaml, and with it a recording (.jsonl) and its golden file (.json), so that devices try the flow before it is live. Nothing is sent before you say so.',
  checking: 'The hub checks the flow',
  files: 'Files',
  fileColumns: { file: 'File', part: 'Part', size: 'Size' },
  parts: { flow: 'Flow', recording: 'Recording', golden: 'Golden file', unused: 'Not needed' },
  checks: 'Checks',
  sound: (name: string, parts: number) => `${name}, ${count(parts, 'part')}: nothing is wrong that can be seen here.`,
  expressions: 'Expressions are looked at by the hub.',
  flaws: (rows: number) => count(rows, 'mistake'),
  at: (file: string, line: number) => `${file}, line ${number.format(line)}`,
  none: 'There is no flow among them: a file that ends in .yaml, .yml or .json and names inputs.',
  several: (names: string) => `There are several flows: ${names}. One at a time.`,
  alone: 'A recording and its golden file belong together: the golden file says what the recording must give.',
  tooLarge: (mebibytes: number) => `more than ${number.format(mebibytes)} MiB`,
  tooMany: (samples: number) => `more than ${number.format(samples)} samples`,
  notJson: 'is no JSON',
  samples: (rows: number) => count(rows, 'sample'),
  outputs: (rows: number) => count(rows, 'output'),
  version: 'Version',
  becomes: {
    new: 'a new flow',
    next: (version: number) => `becomes version ${number.format(version)}, or the one that says the same already`,
    model: 'There is a model of this name: give the flow another one.',
  },
  blocked: {
    files: 'Drop a flow first',
    reading: 'The files are still being read',
    flaws: 'Correct what is wrong first',
  },
  start: 'Upload',
} as const
