/**
 * Request dialog: gets a grant for a device. If the rules demand it, the grant waits until a second person approves it.
 */
import { AccessTarget } from '@skerry/contract/access/access'
import { useState } from 'react'
import { SaveDialog } from '../../../components/dialogs/save-dialog.tsx'
import { Field, INPUT, Select } from '../../../components/fields.tsx'
import { TextInput } from '../../../components/text-input.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { accessTexts } from './english-access.ts'

const words = accessTexts.dialog

type Choice = keyof typeof words.kinds

const KINDS = { shell: ['shell'], port: ['port'], both: ['shell', 'port'] } as const satisfies Record<Choice, unknown>

const CHOICES = ['shell', 'port', 'both'] as const satisfies readonly Choice[]

const TIMES = [900, 3_600, 14_400, 28_800] as const

const HOUR_SECONDS = 3_600

type DialogProps = { device: string; onDone: () => Promise<unknown>; onClose: () => void }

/** Shown while it is in the page. */
export function RequestDialog({ device, onDone, onClose }: DialogProps) {
  const [choice, setChoice] = useState<Choice>('shell')
  const [port, setPort] = useState('8080')
  const [seconds, setSeconds] = useState<number>(HOUR_SECONDS)
  const [isModerated, setModerated] = useState(false)
  const [reason, setReason] = useState('')
  const target = choice === 'shell' ? undefined : targetOf(port)
  const isTargetWrong = choice !== 'shell' && target === undefined
  const save = async () => {
    const targets = target === undefined ? [] : [target]
    const moderation = choice === 'shell' && isModerated ? { isModerated } : {}
    await hub.access.request({
      device,
      kinds: [...KINDS[choice]],
      targets,
      seconds,
      reason: reason.trim(),
      ...moderation,
    })
    await onDone()
    return words.saved
  }
  return (
    <SaveDialog
      title={words.title(device)}
      lead={words.lead}
      verb={words.verb}
      blocked={isTargetWrong ? words.targetError : reason.trim() === '' ? words.reasonError : undefined}
      run={save}
      onClose={onClose}
    >
      <Field label={words.kind}>
        {(control) => (
          <Select {...control} value={choice} onChange={({ target: chosen }) => setChoice(chosen.value as Choice)}>
            {CHOICES.map((each) => (
              <option key={each} value={each}>
                {words.kinds[each]}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {choice === 'shell' && (
        <label className="flex gap-2 text-sm">
          <input
            type="checkbox"
            className="mt-1"
            checked={isModerated}
            onChange={(event) => setModerated(event.target.checked)}
          />
          <span>
            {words.moderated}
            <span className="block text-xs text-soft">{words.moderatedHint}</span>
          </span>
        </label>
      )}
      {choice !== 'shell' && (
        <Field label={words.target} hint={words.targetHint} error={isTargetWrong ? words.targetError : undefined}>
          {(control) => (
            <input
              {...control}
              className={`${INPUT} font-mono text-xs`}
              value={port}
              spellCheck={false}
              onChange={(event) => setPort(event.target.value)}
            />
          )}
        </Field>
      )}
      <Field label={words.time}>
        {(control) => (
          <Select {...control} value={seconds} onChange={({ target: chosen }) => setSeconds(Number(chosen.value))}>
            {TIMES.map((each) => (
              <option key={each} value={each}>
                {words.times[each]}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label={words.reason} hint={words.reasonHint}>
        {(control) => <TextInput control={control} value={reason} onChange={setReason} />}
      </Field>
    </SaveDialog>
  )
}

/** `8080` and `udp:8080` are ports of the device itself. */
function targetOf(text: string): AccessTarget | undefined {
  const found = AccessTarget.safeParse(
    text.trim().replace(/^(udp:)?(\d{1,5})$/, (_text, transport = '', port) => `${transport}127.0.0.1:${port}`),
  )
  return found.success ? found.data : undefined
}
