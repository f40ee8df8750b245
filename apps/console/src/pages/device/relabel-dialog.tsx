/** Relabel dialog: the labels of a device as text, one a line. Refused where somebody changed them meanwhile. */
import { problemOf } from '@skerry/client/problem'
import type { DeviceDetail } from '@skerry/contract/device'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { Field, INPUT } from '../../components/fields.tsx'
import { toast } from '../../components/toasts.tsx'
import { hub } from '../../hub/hub-client.ts'
import { texts } from '../../texts/english.ts'
import { labelLines, parseLabels } from './label-lines.ts'

const words = texts.device

/** Shown while it is in the page. */
export function RelabelDialog({ device, onClose }: { device: DeviceDetail; onClose: () => void }) {
  const [text, setText] = useState(labelLines(device.labels))
  const [error, setError] = useState<string>()
  const save = async () => {
    const parsed = parseLabels(text)
    if (!parsed.ok) return setError(words.labelInvalid(parsed.line))
    try {
      await hub.device.relabel({ device: device.name, labels: parsed.labels, ifRevision: device.revision })
      toast('good', words.done.relabel(device.name))
      onClose()
    } catch (thrown) {
      setError(problemOf(thrown).message)
    }
  }
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={words.relabelTitle(device.name)}
      lead={words.relabelLead}
      footer={
        <>
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button look="primary" onClick={() => void save()}>
            {words.relabelSave}
          </Button>
        </>
      }
    >
      <Field label={words.labels} error={error}>
        {(control) => (
          <textarea
            {...control}
            rows={6}
            spellCheck={false}
            className={`${INPUT} h-auto py-2 font-mono text-xs`}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
    </Dialog>
  )
}
