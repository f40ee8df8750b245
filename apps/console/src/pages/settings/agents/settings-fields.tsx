/** Settings fields: the form of the settings of one place, made from the table of settings. */
import { PLAIN_SETTINGS, type PlainSetting } from '@skerry/contract/settings/device-settings'
import { type Layer, unitedSettings } from '@skerry/core/settings/layered-settings'
import { type SettingForm, settingForms } from '@skerry/core/settings/setting-forms'
import type { ReactNode } from 'react'
import { Field, type FieldControl, INPUT, Select } from '../../../components/fields.tsx'
import { agentsTexts as words } from './english-agents.ts'
import type { DraftProblems, SettingsDraft } from './settings-draft.ts'

type SettingsFieldsProps = {
  draft: SettingsDraft
  problems: DraftProblems
  /** The less specific places. */
  above: readonly Layer[]
  onChange: (change: Partial<SettingsDraft>) => void
}

export function SettingsFields({ draft, problems, above, onChange }: SettingsFieldsProps) {
  const { origins } = unitedSettings(above)
  const rules = origins.filter(({ setting }) => !PLAIN_SETTINGS.some((name) => name === setting))
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        {PLAIN_SETTINGS.map((setting) => {
          const inherited = origins.find((origin) => origin.setting === setting)
          return (
            <Field
              key={setting}
              label={labelOf(setting)}
              hint={`${words.settings[setting].hint} ${inheritedText(setting, inherited)}`}
              error={problems[setting]}
            >
              {(control) =>
                controlOf(settingForms[setting], {
                  control,
                  value: draft[setting],
                  placeholder: inherited?.value ?? '',
                  onChange: (value) => onChange({ [setting]: value }),
                })
              }
            </Field>
          )
        })}
      </div>
      <Field label={words.rules.label} hint={rulesHint(rules)} error={problems.rules}>
        {(control) => (
          <textarea
            {...control}
            rows={6}
            spellCheck={false}
            className={`${INPUT} h-auto py-2 font-mono text-xs`}
            value={draft.rules}
            onChange={({ target }) => onChange({ rules: target.value })}
          />
        )}
      </Field>
    </>
  )
}

type Inherited = { setting: string; value: string; scope: string }

function labelOf(setting: PlainSetting): string {
  const form = settingForms[setting]
  const unit = form.kind === 'number' ? `, ${words.units[form.unit]}` : ''
  return `${words.settings[setting].label}${unit}`
}

const inheritedText = (setting: PlainSetting, inherited: Inherited | undefined) =>
  inherited
    ? words.inherited(inherited.value.replaceAll(',', ', '), words.place(inherited.scope))
    : words.usual(words.settings[setting].usual)

const rulesHint = (rules: readonly Inherited[]) =>
  rules.length === 0
    ? words.rules.hint
    : `${words.rules.hint} ${words.rules.inherited(rules.map(({ setting }) => setting).join(', '))}`

type ControlProps = {
  control: FieldControl
  value: string
  placeholder: string
  onChange: (value: string) => void
}

type Controls = {
  [Kind in SettingForm['kind']]: (form: Extract<SettingForm, { kind: Kind }>, props: ControlProps) => ReactNode
}

const CONTROLS: Controls = {
  choice: ({ options }, { control, value, onChange }) => (
    <Select {...control} value={value} onChange={({ target }) => onChange(target.value)}>
      <option value="">{words.inherit}</option>
      {options.map((option) => (
        <option key={option}>{option}</option>
      ))}
    </Select>
  ),
  number: ({ min, max }, { control, value, placeholder, onChange }) => (
    <input
      {...control}
      type="number"
      min={min}
      max={max}
      className={INPUT}
      placeholder={placeholder}
      value={value}
      onChange={({ target }) => onChange(target.value)}
    />
  ),
  text: ({ example }, { control, value, placeholder, onChange }) => (
    <input
      {...control}
      className={INPUT}
      placeholder={placeholder || example}
      value={value}
      spellCheck={false}
      onChange={({ target }) => onChange(target.value)}
    />
  ),
  lines: (_form, { control, value, placeholder, onChange }) => (
    <textarea
      {...control}
      rows={3}
      spellCheck={false}
      className={`${INPUT} h-auto py-2 font-mono text-xs`}
      placeholder={placeholder.replaceAll(',', '\n')}
      value={value}
      onChange={({ target }) => onChange(target.value)}
    />
  ),
}

const controlOf = <Kind extends SettingForm['kind']>(
  form: Extract<SettingForm, { kind: Kind }>,
  props: ControlProps,
): ReactNode => CONTROLS[form.kind as Kind](form, props)
