/** Settings fields: the form for the settings of an app, made from the schema of its release. */
import type { AppConfig, ConfigSchema, SettingSchema } from '@skerry/contract/apps/config-schema'
import { configProblems, settingValue } from '@skerry/core/apps/app-config'
import { isHot } from '@skerry/core/apps/app-environment'
import { Card } from '../../components/card.tsx'
import { Field, type FieldControl, INPUT, Select } from '../../components/fields.tsx'
import { appTexts } from './english-apps.ts'
import { EquipmentPicker } from './equipment-picker.tsx'

const words = appTexts.settings

export type SettingsProps = {
  title?: string
  schema: ConfigSchema
  config: AppConfig
  onChange: (config: AppConfig | undefined) => void
}

/** An emptied field has its default. A text that is no value of its type is kept, with its problem. */
export function SettingsFields({ title = words.title, schema, config, onChange }: SettingsProps) {
  const problems = new Map(configProblems(schema, config).map(({ setting, message }) => [setting, message]))
  const set = (name: string, setting: SettingSchema, text: string) => {
    const { [name]: _, ...others } = config
    const next = text === '' ? others : { ...others, [name]: settingValue(setting, text) ?? text }
    onChange(Object.keys(next).length === 0 ? undefined : next)
  }
  return (
    <Card title={title}>
      <div className="grid max-w-3xl gap-x-6 gap-y-5 md:grid-cols-2">
        {Object.entries(schema.properties).map(([name, setting]) => (
          <Field key={name} label={setting.title ?? name} hint={hintOf(setting)} error={problems.get(name)}>
            {(control) => (
              <SettingControl
                control={control}
                title={setting.title ?? name}
                setting={setting}
                value={config[name] === undefined ? '' : String(config[name])}
                onChange={(text) => set(name, setting, text)}
              />
            )}
          </Field>
        ))}
      </div>
    </Card>
  )
}

/** A list of choices names the default itself. */
function hintOf(setting: SettingSchema): string | undefined {
  const { description, default: usual } = setting
  const isText = setting.type !== 'boolean' && !setting.enum
  const hint = description ?? (isText && usual !== undefined ? words.usual(String(usual)) : undefined)
  return isHot(setting) ? [hint, words.hot].filter(Boolean).join(' ') : hint
}

type ControlProps = {
  control: FieldControl
  title: string
  setting: SettingSchema
  value: string
  onChange: (text: string) => void
}

function SettingControl({ control, title, setting, value, onChange }: ControlProps) {
  const choices = setting.type === 'boolean' ? ['true', 'false'] : setting.enum?.map(String)
  const usual = setting.default === undefined ? undefined : String(setting.default)
  if (setting.type === 'string' && setting.format)
    return (
      <EquipmentPicker
        control={control}
        format={setting.format}
        title={title}
        usual={usual}
        value={value}
        onChange={onChange}
      />
    )
  if (!choices)
    return (
      <input
        {...control}
        className={INPUT}
        autoComplete="off"
        inputMode={setting.type === 'string' ? 'text' : 'decimal'}
        placeholder={usual}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    )
  return (
    <Select {...control} value={value} onChange={(event) => onChange(event.target.value)}>
      <option value="">{usual === undefined ? words.choose : words.unset(usual)}</option>
      {choices.map((choice) => (
        <option key={choice} value={choice}>
          {choice}
        </option>
      ))}
    </Select>
  )
}
