/** Review row: the values of one captured row, the answer of the model, and a field for the label. */
import { bytesOfBase64 } from '@skerry/client/base64'
import { problemOf } from '@skerry/client/problem'
import type { ReviewedRow } from '@skerry/contract/captures/capture'
import type { Tensor } from '@skerry/contract/models/tensor'
import { type FormEvent, useId, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { INPUT } from '../../components/fields.tsx'
import { TensorDrawing } from '../../components/tensors/tensor-drawing.tsx'
import { toast } from '../../components/toasts.tsx'
import { hub } from '../../hub/hub-client.ts'
import { useMissing } from '../../hub/permission.ts'
import { capturesTexts } from './english-captures.ts'
import { shareText } from './share-text.ts'

const words = capturesTexts.review

type ReviewRowProps = {
  place: { model: string; device: string }
  row: ReviewedRow
  classes: readonly string[]
  onLabelled: (request: string, label: string) => Promise<void>
}

export function ReviewRow({ place, row, classes, onLabelled }: ReviewRowProps) {
  const { request, atMs, version, predicted, confidence, reason, redacted, inputs = {}, outputs = {} } = row
  return (
    <li className="grid gap-x-6 gap-y-3 py-4 lg:grid-cols-[minmax(0,1fr)_18rem]">
      <div className="flex min-w-0 flex-col gap-2">
        <p className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 text-xs text-soft">
          <span className="font-mono text-text wrap-anywhere">{request}</span>
          <Instant ms={atMs} />
          <span>{words.version(version)}</span>
          <span>{words.reasons[reason]}</span>
          {redacted.length > 0 && <span>{words.redacted(redacted.join(', '))}</span>}
        </p>
        <div className="grid gap-3 sm:grid-cols-2">
          <Tensors tensors={inputs} title={words.input} />
          <Tensors tensors={outputs} title={words.output} />
        </div>
      </div>
      <div className="flex flex-col gap-2">
        <p className="text-sm">
          <span className="text-soft">{words.predicted}</span>{' '}
          <span className="font-semibold">{predicted ?? words.unpredicted}</span>
          {confidence !== undefined && (
            <span className="ml-2 text-xs text-soft tabular">{words.confidence(shareText(confidence))}</span>
          )}
        </p>
        {predicted !== undefined && <LabelForm {...{ place, row, predicted, classes, onLabelled }} />}
      </div>
    </li>
  )
}

/** Names of tensors may be long. */
const Tensors = ({ tensors, title }: { tensors: Readonly<Record<string, Tensor>>; title: (name: string) => string }) =>
  Object.entries(tensors).map(([name, { datatype, shape, data }]) => (
    <figure key={name} className="min-w-0">
      <figcaption className="mb-1 text-xs text-soft wrap-anywhere">{title(name)}</figcaption>
      <TensorDrawing name={title(name)} tensor={{ datatype, shape, bytes: bytesOfBase64(data) }} />
    </figure>
  ))

function LabelForm({ place, row, predicted, classes, onLabelled }: ReviewRowProps & { predicted: string }) {
  const listId = useId()
  const missing = useMissing('capture.label')
  const [text, setText] = useState(row.label ?? '')
  const [isBusy, setBusy] = useState(false)
  const save = async (label: string) => {
    setBusy(true)
    try {
      const { device, model: name } = place
      const { stored } = await hub.capture.label({ device, name, labels: [{ request: row.request, label }] })
      if (stored === 0) toast('bad', words.gone)
      else await onLabelled(row.request, label)
      setText(label)
    } catch (error) {
      toast('bad', problemOf(error).message)
    } finally {
      setBusy(false)
    }
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (text.trim() !== '') void save(text.trim())
  }
  const isSaved = row.label !== undefined && row.label === text
  return (
    <form onSubmit={submit} className="flex flex-wrap items-center gap-2">
      <input
        aria-label={words.labelOf(row.request)}
        placeholder={words.label}
        list={listId}
        className={`${INPUT} basis-full`}
        autoComplete="off"
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      <datalist id={listId}>
        {classes.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      {row.label === undefined && (
        <Button blocked={missing} onClick={() => void save(predicted)}>
          {words.right}
        </Button>
      )}
      <Button type="submit" blocked={missing ?? (isBusy ? words.save : undefined)}>
        {isSaved ? words.saved : words.save}
      </Button>
    </form>
  )
}
