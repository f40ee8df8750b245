/** Restraints: the mute of a monitor, the flows that it holds, and the windows that were not counted. */
import type { FlowHold, Monitor } from '@skerry/contract/monitors/monitor'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { SaveDialog } from '../../components/dialogs/save-dialog.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { Field, Select } from '../../components/fields.tsx'
import { TextInput } from '../../components/text-input.tsx'
import { hub } from '../../hub/hub-client.ts'
import { monitorsTexts } from './english-monitors.ts'
import { monitorQueries } from './monitor-queries.ts'

const words = monitorsTexts.restraints

/** Nothing if nothing restrains the monitor. */
export function RestraintsCard({ monitor }: { monitor: Monitor }) {
  const { mute, isMuted, holds = [], dropped = [], spec } = monitor
  const [asked, setAsked] = useState<FlowHold>()
  const refresh = useRefresh(spec.model)
  if (!isMuted && holds.length + dropped.length === 0) return null
  return (
    <Card title={words.title}>
      <ul className="flex flex-col gap-2 text-sm">
        {mute && (
          <li>
            {words.mutedBy(mute.by)}: {mute.reason}. {words.muteEnds} <Instant ms={mute.untilMs} />.
          </li>
        )}
        {isMuted && !mute && <li>{words.quietTime}</li>}
        {holds.map((hold) => (
          <li key={hold.flow} className="flex flex-wrap items-center justify-between gap-2">
            <span>
              {words.held(hold.flow)} <Instant ms={hold.sinceMs} />: <span className="text-soft">{hold.reason}</span>
            </span>
            <GuardedButton permission="model.write" onClick={() => setAsked(hold)}>
              {words.release}
            </GuardedButton>
          </li>
        ))}
        {dropped.map(({ reason, windows, rows }) => (
          <li key={reason} className="text-soft">
            {words.dropped[reason](windows, rows)}
          </li>
        ))}
      </ul>
      {asked && (
        <Confirmation
          title={words.releaseTitle(asked.flow)}
          lead={words.releaseLead}
          verb={words.release}
          needsReason
          run={async (reason) => {
            await hub.monitor.release({ name: spec.model, flow: asked.flow, reason })
            await refresh()
          }}
          done={words.released(asked.flow)}
          onClose={() => setAsked(undefined)}
        />
      )}
    </Card>
  )
}

/** Mutes the monitor, or ends its mute. */
export function MuteButton({ monitor: { spec, mute } }: { monitor: Monitor }) {
  const [isAsked, setAsked] = useState(false)
  const refresh = useRefresh(spec.model)
  const end = async () => {
    await hub.monitor.unmute({ name: spec.model })
    await refresh()
  }
  return (
    <>
      <GuardedButton permission="model.write" onClick={() => (mute ? void end() : setAsked(true))}>
        {mute ? words.unmute : words.mute}
      </GuardedButton>
      {isAsked && <MuteDialog model={spec.model} onClose={() => setAsked(false)} />}
    </>
  )
}

function MuteDialog({ model, onClose }: { model: string; onClose: () => void }) {
  const [seconds, setSeconds] = useState(7_200)
  const [reason, setReason] = useState('')
  const refresh = useRefresh(model)
  return (
    <SaveDialog
      title={words.muteTitle(model)}
      lead={words.muteLead}
      verb={words.mute}
      blocked={reason.trim() === '' ? words.reasonMissing : undefined}
      run={async () => {
        await hub.monitor.mute({ name: model, seconds, reason: reason.trim() })
        await refresh()
        return words.muted(model)
      }}
      onClose={onClose}
    >
      <Field label={words.length}>
        {(control) => (
          <Select {...control} value={seconds} onChange={({ target }) => setSeconds(Number(target.value))}>
            {words.lengths.map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label={words.reason}>
        {(control) => <TextInput control={control} value={reason} onChange={setReason} />}
      </Field>
    </SaveDialog>
  )
}

function useRefresh(model: string): () => Promise<void> {
  const client = useQueryClient()
  return () => client.invalidateQueries({ queryKey: monitorQueries.one(model).queryKey })
}
