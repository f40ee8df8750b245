/** Write dialog: writes one tag once: what it hits, what the tag says now, what may be written, and what became of it. */
import { type Problem, problemOf } from '@skerry/client/problem'
import type { TagWritten } from '@skerry/contract/devices/device-command'
import { TagName, type TagValue } from '@skerry/contract/sources/tag'
import { useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { Facts } from '../../../components/card.tsx'
import { Dialog } from '../../../components/dialogs/dialog.tsx'
import { Field } from '../../../components/fields.tsx'
import { TextInput } from '../../../components/text-input.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { texts } from '../../../texts/english.ts'
import { liveSourceTexts } from './english-live-source.ts'
import { contentText, type LiveRow } from './live-rows.ts'
import { ValueFields } from './value-fields.tsx'
import { WriteOutcome } from './write-outcome.tsx'
import { kindOf, readWritten, type Written, type WrittenKind } from './written.ts'

const words = liveSourceTexts.write

type DialogProps = { row: LiveRow; source: string; device: string; onClose: () => void }

export type Done = { value: TagWritten; before: TagValue | undefined }

/** Shown while it is in the page. */
export function WriteDialog({ row, source, device, onClose }: DialogProps) {
  const [done, setDone] = useState<Done>()
  const when = row.write?.interlock?.when
  return (
    <Dialog isOpen onClose={onClose} title={words.title(row.name)} lead={words.lead}>
      <div className="flex flex-col gap-4">
        <Facts
          rows={[
            [words.device, device],
            [words.source, source],
            ...(row.where === '' ? [] : [[words.address, <code key="where">{row.where}</code>] as const]),
            [words.allowed, allowedText(row)],
            ...(when === undefined ? [] : [[words.onlyWhile, <code key="when">{when}</code>] as const]),
            ...(done ? [] : [[words.now, nowText(row)] as const]),
          ]}
        />
        {done ? (
          <WriteOutcome done={done} row={row} source={source} device={device} onClose={onClose} />
        ) : (
          <Form row={row} source={source} device={device} onDone={setDone} onClose={onClose} />
        )}
      </div>
    </Dialog>
  )
}

function allowedText({ write, unit }: LiveRow): string {
  const { min, max, perMinute = PER_MINUTE, verify = true } = write ?? {}
  const bounds = `${words.bounds(min, max)}${unit === undefined || (min ?? max) === undefined ? '' : ` ${unit}`}`
  return [bounds, words.perMinute(perMinute), verify ? words.verified : words.unverified].join(', ')
}

/** [packages/contract/src/sources/tag.ts] The usual, where the source says nothing. */
const PER_MINUTE = 60

function nowText({ heard, unit }: LiveRow): string {
  const value = heard?.reading.value
  if (!value) return words.nothing
  if (value.quality === 'bad') return value.cause.message
  return `${contentText(value.value)}${unit === undefined ? '' : ` ${unit}`}`
}

type FormProps = DialogProps & { onDone: (done: Done) => void }

function Form({ row, source, device, onDone, onClose }: FormProps) {
  const value = row.heard?.reading.value
  const known = value && value.quality !== 'bad' ? value.value : undefined
  // What it took when the dialog opened: a reading that comes meanwhile must not change a field under somebody's hands.
  const [told] = useState(() => kindOf(row, known))
  const [chosen, setChosen] = useState<WrittenKind>()
  const [text, setText] = useState('')
  const [reason, setReason] = useState('')
  const kind = told ?? chosen
  const written: Written = kind ? readWritten(kind, text, row.write ?? {}) : { ok: false, why: 'empty' }
  const { submit, isBusy, problem } = useWrite({ row, source, device, onDone })
  const isUnsure = problem?.code === 'write_unverified'
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (written.ok && reason.trim() !== '' && !isBusy && !isUnsure) void submit(written.value, reason.trim())
      }}
    >
      <ValueFields {...{ told, chosen, text, written, unit: row.unit }} onChosen={setChosen} onText={setText} />
      <Field label={texts.common.reason} hint={texts.common.reasonHint}>
        {(control) => <TextInput control={control} value={reason} onChange={setReason} />}
      </Field>
      {problem && <Refused problem={problem} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{isUnsure ? words.close : texts.common.cancel}</Button>
        {!isUnsure && (
          <Button type="submit" look="primary" blocked={blockedBy(written, reason, isBusy)}>
            {words.verb}
          </Button>
        )}
      </div>
    </form>
  )
}

function blockedBy(written: Written, reason: string, isBusy: boolean): string | undefined {
  if (isBusy) return words.busy
  if (!written.ok) return words.flaws[written.why]
  return reason.trim() === '' ? words.reasonMissing : undefined
}

const Refused = ({ problem: { code, message } }: { problem: Problem }) => (
  <div role="alert" className="text-sm wrap-anywhere text-bad">
    {code === 'write_unverified' && <p className="font-semibold">{words.unsure}</p>}
    {code === 'tag_interlocked' && <p className="font-semibold">{words.interlocked}</p>}
    <p>{message}</p>
    <p className="font-mono text-xs text-soft">{code}</p>
  </div>
)

function useWrite({ row, source, device, onDone }: Omit<FormProps, 'onClose'>) {
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const submit = async (value: TagWritten, reason: string) => {
    setBusy(true)
    setProblem(undefined)
    try {
      const { before } = await hub.source.write({ device, source, tag: TagName.parse(row.name), value, reason })
      onDone({ value, before })
    } catch (error) {
      setProblem(problemOf(error))
      setBusy(false)
    }
  }
  return { submit, isBusy, problem }
}
