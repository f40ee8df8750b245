/**
 * Training row: decides whether a captured row can train a model, and which numbers it gives. A row with redacted values is
 * left out: a model would learn the zeros. So is a row without a label, or with a label that is no answer.
 */
import type { CapturedRow } from '@skerry/contract/captures/capture'
import type { LeftOutRows } from '@skerry/contract/captures/left-out-rows'
import type { Tensor } from '@skerry/contract/models/tensor'
import { classText, numberIn } from './performance.ts'

/** The answers of the rows: named classes, whole numbers that are classes, or numbers. */
export type CapturedAnswers = { kind: 'classes'; names: readonly string[] } | { kind: 'whole' } | { kind: 'numbers' }

/** The part of a row that training needs to know before it reads values. */
export type RowForm = { type: 'uint8' | 'float32'; shape: number[] }

/** [contract, CampaignData] More classes than a campaign can have are a wrong label, such as a time. */
const CLASSES_MAX = 10_000

/** The input that trains: the named one, or the only one. Undefined if there is none, or several without a name. */
export function trainingInput({ inputs = {} }: Pick<CapturedRow, 'inputs'>, name?: string): Tensor | undefined {
  if (name !== undefined) return inputs[name]
  const all = Object.values(inputs)
  return all.length === 1 ? all[0] : undefined
}

/** The form of the row, or the reason why it is left out. */
export function rowForm(
  row: Pick<CapturedRow, 'inputs' | 'redacted'>,
  input?: string,
): { ok: true; form: RowForm } | { ok: false; why: 'redacted' | 'input' } {
  if (redactedInput(row) !== undefined) return { ok: false, why: 'redacted' }
  const tensor = trainingInput(row, input)
  if (!tensor || tensor.datatype === 'BYTES') return { ok: false, why: 'input' }
  const { datatype, shape } = tensor
  const [rows, ...rest] = shape
  const form = { type: datatype === 'UINT8' ? ('uint8' as const) : ('float32' as const) }
  return { ok: true, form: { ...form, shape: rows === 1 && rest.length > 0 ? rest : [...shape] } }
}

/** The part of an input that the capture emptied. A redacted value is a zero that the model never got. */
export function redactedInput({ redacted, inputs }: Pick<CapturedRow, 'inputs' | 'redacted'>): string | undefined {
  const names = Object.keys(inputs ?? {})
  return redacted.find((feature) => names.some((name) => feature === name || feature.startsWith(`${name}[`)))
}

/** The number of the class, or the number itself; undefined if the label is no answer. */
export function answerOf(label: string, answers: CapturedAnswers): number | undefined {
  if (answers.kind === 'classes') {
    const at = answers.names.map(classText).indexOf(classText(label))
    return at < 0 ? undefined : at
  }
  const number = numberIn(label)
  if (answers.kind === 'numbers') return Number.isFinite(number) ? number : undefined
  return Number.isInteger(number) && number >= 0 && number < CLASSES_MAX ? number : undefined
}

/** Finds the most frequent form, because a device offers rows of one form. If two are equally frequent, the first one counts. */
export function commonForm(forms: Iterable<RowForm>): RowForm | undefined {
  const counts = new Map<string, { form: RowForm; rows: number }>()
  for (const form of forms) {
    const key = formKey(form)
    const known = counts.get(key)
    if (known) known.rows += 1
    else counts.set(key, { form, rows: 1 })
  }
  let best: { form: RowForm; rows: number } | undefined
  for (const one of counts.values()) if (!best || one.rows > best.rows) best = one
  return best?.form
}

export const formKey = ({ type, shape }: RowForm): string => `${type} ${shape.join()}`

/** All rows that do not train. */
export const leftOutCount = (leftOut: LeftOutRows): number =>
  Object.values(leftOut).reduce((sum, rows) => sum + rows, 0)

type Found = { leftOut: LeftOutRows; strange: string | undefined }

/** Why no row can train. `strange`: a label that is no answer. */
export function leftOutReason(model: string, rows: number, { leftOut, strange }: Found): string {
  if (rows === 0)
    return `the device keeps no rows of ${model}; "skerry capture set ${model}" declares which rows it keeps`
  const { unlabelled, redacted, input, label } = leftOut
  const parts = [
    ...(unlabelled > 0 ? [`${unlabelled} have no label`] : []),
    ...(redacted > 0 ? [`${redacted} have redacted inputs`] : []),
    ...(input > 0 ? [`${input} have no such input of finite numbers`] : []),
    ...(label > 0 ? [`${label} have a label such as ${strange}, which is no answer`] : []),
  ]
  return `none of the ${rows} captured rows of ${model} can train: ${parts.join(', ')}`
}

/** A tenth of all rows is held out. A row stays on its side for as long as the device has it. */
const HELD_OUT = 10

/** The digest of a request is as good as chance, and the same in each round. */
export function isHeldOut(digest: Uint8Array): boolean {
  const [first = 0, second = 0, third = 0, fourth = 0] = digest
  return (first * 2 ** 24 + second * 2 ** 16 + third * 2 ** 8 + fourth) % HELD_OUT === HELD_OUT - 1
}
