/** Monitor dialog: sets the monitor of a model. Rules that it does not show keep their values. */
import type { MonitorSpec } from '@skerry/contract/monitors/monitor'
import { sourceIn, subjectOfSource } from '@skerry/contract/monitors/subject'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { SaveDialog } from '../../components/dialogs/save-dialog.tsx'
import { Field, INPUT, Select } from '../../components/fields.tsx'
import { hub } from '../../hub/hub-client.ts'
import { queries } from '../../hub/queries.ts'
import { sourceQueries } from '../sources/source-queries.ts'
import { monitorsTexts } from './english-monitors.ts'
import { monitorQueries } from './monitor-queries.ts'

const words = monitorsTexts.dialog

type Reaction = keyof typeof words.actions
const REACTIONS: readonly Reaction[] = ['none', 'dry-run', 'rollback']

const reactionOf = (spec: MonitorSpec | undefined): Reaction => {
  const action = spec?.actions.find((each) => each.do === 'rollback')
  if (!action) return 'none'
  return action.isDryRun ? 'dry-run' : 'rollback'
}

/** The other actions, and the limits of the rollback, stay as they are. */
function actionsOf(spec: MonitorSpec | undefined, reaction: Reaction) {
  const others = (spec?.actions ?? []).filter((each) => each.do !== 'rollback')
  const before = spec?.actions.find((each) => each.do === 'rollback') ?? { do: 'rollback' as const }
  return reaction === 'none' ? others : [...others, { ...before, isDryRun: reaction === 'dry-run' }]
}

/** Shown while it is in the page. */
export function MonitorDialog({ spec, onClose }: { spec?: MonitorSpec; onClose: () => void }) {
  const client = useQueryClient()
  const [model, setModel] = useState(spec?.model ?? '')
  const [minutes, setMinutes] = useState(String((spec?.windowSeconds ?? 300) / 60))
  const [alert, setAlert] = useState(String(spec?.drift.alert ?? 0.25))
  const [reaction, setReaction] = useState<Reaction>(reactionOf(spec))
  const isWindow = within(minutes, 1, 1_440)
  const isAlert = within(alert, 0.1, 100)
  const save = async () => {
    const { model: _, ...kept } = spec ?? { model, drift: {} }
    await hub.monitor.set({
      name: model,
      spec: {
        ...kept,
        windowSeconds: Math.round(Number(minutes) * 60),
        drift: { ...kept.drift, alert: Number(alert) },
        actions: actionsOf(spec, sourceIn(model) === undefined ? reaction : 'none'),
      },
    })
    await client.invalidateQueries({ queryKey: monitorQueries.list().queryKey })
    return monitorsTexts.saved(model)
  }
  return (
    <SaveDialog
      title={spec ? words.changeTitle(spec.model) : words.createTitle}
      lead={words.lead}
      verb={words.verb}
      blocked={blockedBy({ model, isWindow, isAlert })}
      run={save}
      onClose={onClose}
    >
      {!spec && <ModelField value={model} onChange={setModel} />}
      <Field label={words.window} hint={words.windowHint} error={isWindow ? undefined : words.windowError}>
        {(control) => <NumberInput {...control} value={minutes} onChange={setMinutes} />}
      </Field>
      <Field label={words.alert} hint={words.alertHint} error={isAlert ? undefined : words.alertError}>
        {(control) => <NumberInput {...control} value={alert} onChange={setAlert} />}
      </Field>
      {sourceIn(model) === undefined && <ReactionField value={reaction} onChange={setReaction} />}
    </SaveDialog>
  )
}

/** A source has no versions to roll back. */
function ReactionField({ value, onChange }: { value: Reaction; onChange: (reaction: Reaction) => void }) {
  return (
    <Field label={words.action}>
      {(control) => (
        <Select {...control} value={value} onChange={({ target }) => onChange(target.value as Reaction)}>
          {REACTIONS.map((each) => (
            <option key={each} value={each}>
              {words.actions[each]}
            </option>
          ))}
        </Select>
      )}
    </Field>
  )
}

const within = (text: string, low: number, high: number) =>
  text.trim() !== '' && Number(text) >= low && Number(text) <= high

function blockedBy({ model, isWindow, isAlert }: { model: string; isWindow: boolean; isAlert: boolean }) {
  if (model === '') return words.choose
  if (!isWindow) return words.windowError
  return isAlert ? undefined : words.alertError
}

type NumberInputProps = { id: string; value: string; onChange: (value: string) => void }

const NumberInput = ({ value, onChange, ...control }: NumberInputProps) => (
  <input
    {...control}
    inputMode="decimal"
    className={INPUT}
    autoComplete="off"
    value={value}
    onChange={(event) => onChange(event.target.value)}
  />
)

function ModelField({ value, onChange }: { value: string; onChange: (model: string) => void }) {
  const { data: models = [] } = useQuery(queries.models())
  const { data: sources = [] } = useQuery(sourceQueries.list())
  // A site may have a source of its own under the name.
  const names = [...new Set(sources.map(({ name }) => name))]
  return (
    <Field label={words.model}>
      {(control) => (
        <Select {...control} value={value} onChange={({ target }) => onChange(target.value)}>
          <option value="">{words.choose}</option>
          <optgroup label={words.models}>
            {models.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </optgroup>
          <optgroup label={words.sources}>
            {names.map((name) => (
              <option key={name} value={subjectOfSource(name)}>
                {name}
              </option>
            ))}
          </optgroup>
        </Select>
      )}
    </Field>
  )
}
