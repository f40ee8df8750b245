/** The texts about ranges that devices compute. */
import { count, number } from '../../../texts/count.ts'

export const rangesTexts = {
  title: 'Ranges',
  hint: 'Recipes in 8 bits need the ranges of tensors. The best ones come from inputs that the model gets at its place.',
  source: 'Ranges from',
  golden: 'Golden cases of the version',
  goldenHint: 'Three of four golden cases. The gate compares the others.',
  devicesHint: 'All golden cases are for the gate.',
  dataSet: 'A file of rows',
  dataSetHint: 'The rows give the ranges. All golden cases are for the gate.',
  file: 'File of rows',
  fileHint:
    'An .npz with an array for each input, whose first axis counts the rows, or JSON as golden cases. 2 to 512 rows. With an array of labels, some rows give the ranges and the others are compared by their labels.',
  fileFirst: 'Choose a file of rows first',
  fileTooLarge: (bytes: number) =>
    `It has over ${number.format(bytes / 1024 ** 2)} MiB. Give fewer rows, or an .npz, which is shorter than JSON.`,
  sending: (percent: number) => `Sending the rows, ${number.format(percent)} %`,
  sent: (name: string, rows: number) => `${name}: ${count(rows, 'row')}. The hub has them.`,
  labelled: (rows: number) => count(rows, 'labelled row'),
  fileRows: (rows: number) => `${count(rows, 'row')} of a file`,
  batch: (rows: { succeeded: number; devices: number; when: string }) =>
    `Devices: ${number.format(rows.succeeded)} of ${number.format(rows.devices)} answered, ${rows.when}`,
  unknown: (batch: string) => `Batch ${batch}`,
  compute: 'Compute ranges on devices',
  computeHint:
    'Each device takes the newest rows that a capture keeps of the model, and answers with the ranges. No row leaves the device. It needs eight rows or more.',
  noCapture: 'No capture keeps rows of this model yet. Declare one first:',
  toCaptures: 'Captures',
  selector: 'Devices',
  selectorHint: 'A selector, such as device.labels.line == "4".',
  rows: 'Rows of a device, at most',
  rowsProblem: 'A whole number from 8 to 512',
  create: 'Create the batch',
  createHint: 'It starts when a person has signed and sent it on its page. That page leads back to this form.',
  rowsOf: (rows: number) => `${count(rows, 'row')} of devices`,
} as const
