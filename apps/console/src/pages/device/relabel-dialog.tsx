/**
 * Relabel dialog: the labels of a device as text, one a line. Saved only where nobody changed them meanwhile; else it shows what they did,
 * puts these changes on top of theirs, and lets the person look again.
 */
import { problemOf } from '@skerry/client/problem'
import type { Device } from '@skerry/contract/devices/device'
import type { Labels } from '@skerry/contract/values/names'
import { labelChange } from '@skerry/core/devices/device-events'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialogs/dialog.tsx'
import { Field, INPUT } from '../../components/fields.tsx'
import { toast } from '../../components/toasts.tsx'
import { hub } from '../../hub/hub-client.ts'
import { texts } from '../../texts/english.ts'
import { deviceWords } from './english-device.ts'
import { devicePageTexts } from './english-device-page.ts'
import { labelLines, parseLabels } from './label-lines.ts'
import { rebaseLabels } from './label-merge.ts'

const words = devicePageTexts

/** What the person began with. */
type Base = Pick<Device, 'labels' | 'revision'>

type DialogProps = { device: Pick<Device, 'name' | 'labels' | 'revision'>; onClose: () => void }

/** Shown while it is in the page. */
export function RelabelDialog({ device, onClose }: DialogProps) {
  const form = useRelabelling(device, onClose)
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={words.relabelTitle(device.name)}
      lead={words.relabelLead}
      footer={
        <>
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button look="primary" onClick={() => void form.save()}>
            {words.relabelSave}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {form.theirs && <Conflict {...form.theirs} onTakeTheirs={form.takeTheirs} />}
        <Field label={words.labels} error={form.error}>
          {(control) => (
            <textarea
              {...control}
              rows={6}
              spellCheck={false}
              className={`${INPUT} h-auto py-2 font-mono text-xs`}
              value={form.text}
              onChange={(event) => form.setText(event.target.value)}
            />
          )}
        </Field>
      </div>
    </Dialog>
  )
}

type Theirs = { before: Labels; after: Labels }

function useRelabelling({ name, labels, revision }: DialogProps['device'], onClose: () => void) {
  const [base, setBase] = useState<Base>({ labels, revision })
  const [text, setText] = useState(labelLines(labels))
  const [error, setError] = useState<string>()
  const [theirs, setTheirs] = useState<Theirs>()
  const lookAgain = async (mine: Labels) => {
    const now = await hub.device.get({ device: name })
    setTheirs({ before: base.labels, after: now.labels })
    setText(labelLines(rebaseLabels({ base: base.labels, mine, theirs: now.labels })))
    setBase(now)
  }
  const save = async () => {
    const parsed = parseLabels(text)
    if (!parsed.ok) return setError(words.labelInvalid(parsed.line))
    setError(undefined)
    try {
      await hub.device.relabel({ device: name, labels: parsed.labels, ifRevision: base.revision })
      toast('good', words.done.relabel(name))
      onClose()
    } catch (thrown) {
      const { code, message } = problemOf(thrown)
      if (code !== 'revision_stale') return setError(message)
      await lookAgain(parsed.labels).catch((failed: unknown) => setError(problemOf(failed).message))
    }
  }
  const takeTheirs = () => {
    setText(labelLines(base.labels))
    setTheirs(undefined)
  }
  return { text, setText, error, theirs, save, takeTheirs }
}

function Conflict({ before, after, onTakeTheirs }: Theirs & { onTakeTheirs: () => void }) {
  const lines = labelChange(before, after, '').flatMap((change) =>
    change.kind === 'relabelled'
      ? [
          ...Object.entries(change.set).map(([key, value]) => deviceWords.relabelSet(key, value)),
          ...change.removed.map((key) => deviceWords.relabelRemoved(key)),
        ]
      : [],
  )
  return (
    <div role="alert" className="rounded-md border border-warn/60 p-3 text-sm">
      <p className="font-medium text-warn">{deviceWords.relabelConflict}</p>
      <ul className="mt-1 list-disc pl-5 font-mono text-xs">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <p className="mt-2 text-soft">{deviceWords.relabelConflictLead}</p>
      <Button isSmall className="mt-2" onClick={onTakeTheirs}>
        {deviceWords.relabelTheirs}
      </Button>
    </div>
  )
}
