/** Command fields: the command for each device, and its options. */
import { BatchKind, typedKinds } from '@skerry/contract/batches/batch-command'
import { LogLevel } from '@skerry/contract/devices/log-line'
import { Field, Select } from '../../components/fields.tsx'
import { type DraftProps, LinesField, TextField } from './draft-fields.tsx'
import { batchesTexts } from './english-batches.ts'

const words = batchesTexts.form

/** The choice of a command, with the fields that it has. */
export function CommandFields(props: DraftProps) {
  const { draft, change } = props
  return (
    <div className="flex flex-col gap-4">
      <Field label={words.command} hint={batchesTexts.commands[draft.kind].does}>
        {(control) => (
          <Select
            {...control}
            value={draft.kind}
            onChange={(event) => {
              const kind = BatchKind.safeParse(event.target.value)
              if (kind.success) change({ kind: kind.data })
            }}
          >
            {typedKinds.map((kind) => (
              <option key={kind} value={kind}>
                {batchesTexts.commands[kind].name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <div className="grid gap-4 empty:hidden sm:grid-cols-2">
        {draft.kind === 'collect-logs' && <LogFields {...props} />}
        {draft.kind === 'relabel' && <LabelFields {...props} />}
        {APP_KINDS.has(draft.kind) && <TextField {...props} field="app" label={words.app} />}
        {draft.kind === 'restart-app' && (
          <TextField {...props} field="service" label={words.service} hint={words.serviceHint} />
        )}
        {draft.kind === 'set-configuration' && <SettingFields {...props} />}
      </div>
    </div>
  )
}

const APP_KINDS: ReadonlySet<BatchKind> = new Set(['restart-app', 'stop-app', 'start-app'])

const LogFields = (props: DraftProps) => (
  <>
    <LevelField {...props} field="level" label={words.level} />
    <TextField {...props} field="lines" label={words.lines} type="number" />
  </>
)

const LabelFields = (props: DraftProps) => (
  <>
    <LinesField {...props} field="setLabels" label={words.setLabels} hint={words.setLabelsHint} />
    <LinesField {...props} field="removeLabels" label={words.removeLabels} hint={words.removeLabelsHint} />
  </>
)

const SettingFields = (props: DraftProps) => (
  <>
    <LevelField {...props} field="logLevel" label={words.logLevel} isOptional />
    <TextField {...props} field="reportSeconds" label={words.reportInterval} type="number" hint={words.unchanged} />
    <TextField {...props} field="diskFreeMb" label={words.diskFree} type="number" hint={words.unchanged} />
  </>
)

type LevelProps = DraftProps & { field: 'level' | 'logLevel'; label: string; isOptional?: boolean }

const LevelField = ({ draft, change, problems, field, label, isOptional }: LevelProps) => (
  <Field label={label} error={problems[field]}>
    {(control) => (
      <Select {...control} value={draft[field]} onChange={(event) => change({ [field]: event.target.value })}>
        {isOptional && <option value="">{words.unchanged}</option>}
        {LogLevel.options.map((level) => (
          <option key={level} value={level}>
            {level}
          </option>
        ))}
      </Select>
    )}
  </Field>
)
