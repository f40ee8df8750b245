/**
 * Labelled rows: the captured rows of a model that can train, without a copy on the disk. The facts of a row and its label are
 * kept in memory, so that a description opens only the rows and labels that are new. Rows come in the order of the digests of
 * their requests.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { LeftOutRows } from '@skerry/contract/captures/left-out-rows'
import {
  answerOf,
  type CapturedAnswers,
  commonForm,
  formKey,
  isHeldOut,
  leftOutReason,
  type RowForm,
  rowForm,
  trainingInput,
} from '@skerry/core/captures/training-row'
import type { DataSetFacts, DataSetResult } from '@skerry/inference/train/data-set'
import { type HandedRows, type RowPart, trainingValues } from '@skerry/inference/train/handed-rows'
import type { CaptureStore } from './capture-store.ts'

/** An owner offers the captured rows of a model, and names the input that trains. */
export type LabelledWish = { model: string; input?: string; answers: CapturedAnswers }

export type DescribedRows = HandedRows & { leftOut: LeftOutRows }

export type LabelledRows = {
  /** The facts, and the rows for a training. Not ok: no row can train. */
  describe(wish: LabelledWish): Promise<DataSetResult<DescribedRows> & { leftOut?: LeftOutRows }>
}

type LabelledStore = Pick<CaptureStore, 'count' | 'labelled' | 'openLabel' | 'rowAt'>

type Verdict = ReturnType<typeof rowForm>

/** The facts of a row, which never changes, and its label, which people may give again. */
type Known = { verdict: Verdict; sealed: Uint8Array; label: string }

/** A row that can train. */
type Chosen = { place: number; answer: number; held: boolean }

/** Opening so many rows takes some milliseconds of the thread that also keeps the link. */
const ROWS_AT_ONCE = 50

/** A part of the rows on its way to the training. Twice so much is in memory. */
const PART_BYTES = 1024 * 1024

export function openLabelledRows(store: LabelledStore): LabelledRows {
  const all = new Map<string, Map<number, Known>>()
  const knownOf = ({ model, input = '' }: LabelledWish) => {
    const key = `${model} ${input}`
    const known = all.get(key) ?? new Map<number, Known>()
    all.set(key, known)
    return known
  }
  return {
    async describe(wish) {
      const found = await judgeRows(store, wish, knownOf(wish))
      const { form, chosen, leftOut } = found
      if (!form || chosen.length === 0)
        return { ok: false, message: leftOutReason(wish.model, store.count(wish.model), found), leftOut }
      const facts = factsOf(wish.answers, form, chosen)
      return { ok: true, value: { facts, leftOut, parts: () => partsOf(store, wish, { form, chosen }) } }
    },
  }
}

type Judged = { form: RowForm | undefined; chosen: Chosen[]; leftOut: LeftOutRows; strange: string | undefined }

async function judgeRows(
  store: LabelledStore,
  { model, input, answers }: LabelledWish,
  known: Map<number, Known>,
): Promise<Judged> {
  const labelled = store.labelled(model)
  const leftOut = { unlabelled: store.count(model) - labelled.length, redacted: 0, input: 0, label: 0, shape: 0 }
  const places = new Set(labelled.map(({ place }) => place))
  for (const place of known.keys()) if (!places.has(place)) known.delete(place)
  const fit: (Chosen & { form: RowForm })[] = []
  let strange: string | undefined
  for (const [at, { place, digest, sealed }] of labelled.entries()) {
    if (at % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) await nextTurn()
    const found = openRow(store, { place, sealed, input }, known.get(place))
    // The row was deleted in between, or another key sealed it.
    if (!found) continue
    known.set(place, found)
    const { verdict, label } = found
    const answer = answerOf(label, answers)
    if (!verdict.ok) leftOut[verdict.why] += 1
    else if (answer === undefined) {
      leftOut.label += 1
      strange ??= label
    } else fit.push({ place, answer, held: isHeldOut(digest), form: verdict.form })
  }
  const form = commonForm(fit.map((one) => one.form))
  const chosen = fit.filter((one) => form && formKey(one.form) === formKey(form))
  leftOut.shape = fit.length - chosen.length
  return { form, chosen, leftOut, strange }
}

function openRow(
  store: LabelledStore,
  { place, sealed, input }: { place: number; sealed: Uint8Array; input: string | undefined },
  before: Known | undefined,
): Known | undefined {
  if (before && Buffer.compare(before.sealed, sealed) === 0) return before
  const label = store.openLabel(sealed)
  const verdict = before?.verdict ?? verdictOf(store, place, input)
  return label === undefined || !verdict ? undefined : { verdict, sealed, label }
}

/** A value that is no finite number would spoil all weights. */
function verdictOf(store: Pick<CaptureStore, 'rowAt'>, place: number, input?: string): Verdict | undefined {
  const row = store.rowAt(place)
  if (!row) return undefined
  const verdict = rowForm(row, input)
  const tensor = trainingInput(row, input)
  if (!verdict.ok || !tensor) return verdict
  const { type, shape } = verdict.form
  const wanted = shape.reduce((a, b) => a * b, 1) * (type === 'uint8' ? 1 : 4)
  return trainingValues(tensor, type)?.byteLength === wanted ? verdict : { ok: false, why: 'input' }
}

function factsOf(answers: CapturedAnswers, { type, shape }: RowForm, chosen: readonly Chosen[]): DataSetFacts {
  const about = { rows: chosen.length, type, shape }
  switch (answers.kind) {
    case 'classes':
      return { ...about, classes: answers.names.length }
    case 'whole':
      return { ...about, classes: chosen.reduce((most, { answer }) => Math.max(most, answer), -1) + 1 }
    case 'numbers':
      return { ...about, classes: 0, targets: [1] }
  }
}

/** A row that was erased since it was counted is in no part. */
async function* partsOf(
  store: Pick<CaptureStore, 'rowAt'>,
  { input }: LabelledWish,
  { form, chosen }: { form: RowForm; chosen: readonly Chosen[] },
): AsyncGenerator<RowPart> {
  let rows: (Chosen & { values: Uint8Array })[] = []
  let bytes = 0
  const taken = (): RowPart => {
    const part = {
      data: Buffer.concat(rows.map(({ values }) => values)),
      answers: Float64Array.from(rows, ({ answer }) => answer),
      held: Uint8Array.from(rows, ({ held }) => Number(held)),
    }
    rows = []
    bytes = 0
    return part
  }
  for (const one of chosen) {
    const row = store.rowAt(one.place)
    const tensor = row && trainingInput(row, input)
    const values = tensor && trainingValues(tensor, form.type)
    if (!values) continue
    rows.push({ ...one, values })
    bytes += values.byteLength
    if (bytes >= PART_BYTES || rows.length >= ROWS_AT_ONCE) yield taken()
  }
  if (rows.length > 0) yield taken()
}
