/** Install place: the name of the installation, its devices with a live count, and the owner of its connections. */
import type { FleetFit, RolloutPreset } from '@skerry/contract/market/installation'
import { fitText } from '@skerry/core/market/fleet-fit'
import { Card } from '../../components/card.tsx'
import { cn } from '../../components/class-names.ts'
import { Field, INPUT, Select } from '../../components/fields.tsx'
import { TextInput } from '../../components/text-input.tsx'
import { presets } from '../../texts/english-presets.ts'
import { marketTexts } from './english-market.ts'
import type { Choices } from './install-page.tsx'

const words = marketTexts.install

type PlaceProps = {
  choices: Choices
  change: (part: Partial<Choices>) => void
  fleet: FleetFit | undefined
  /** The name of an installation never changes. */
  isNamed: boolean
  hasConnections: boolean
}

export function InstallPlace({ choices, change, fleet, isNamed, hasConnections }: PlaceProps) {
  return (
    <Card title={words.place}>
      <div className="grid max-w-3xl gap-x-6 gap-y-5 md:grid-cols-2">
        {!isNamed && (
          <Field label={words.name} hint={words.nameHint}>
            {(control) => <TextInput control={control} value={choices.name} onChange={(name) => change({ name })} />}
          </Field>
        )}
        <Field label={words.selector} hint={words.selectorHint}>
          {(control) => (
            <input
              {...control}
              className={`${INPUT} font-mono text-xs`}
              spellCheck={false}
              autoComplete="off"
              value={choices.selector}
              onChange={({ target }) => change({ selector: target.value })}
            />
          )}
        </Field>
        <PresetField value={choices.preset} onChange={(preset) => change({ preset })} />
        {hasConnections && (
          <Field label={words.scope} hint={words.scopeHint}>
            {(control) => <TextInput control={control} value={choices.scope} onChange={(scope) => change({ scope })} />}
          </Field>
        )}
      </div>
      {fleet && (
        <p
          role="status"
          className={cn(
            'mt-4 text-sm font-medium',
            fleet.fitting === fleet.selected && fleet.selected > 0 ? 'text-good' : 'text-warn',
          )}
        >
          {capital(fitText(fleet))}
        </p>
      )}
    </Card>
  )
}

/** In the order from the fastest to the most careful. */
const PRESETS = ['all-at-once', 'canary', 'staged', 'cautious'] as const satisfies readonly RolloutPreset[]

type PresetProps = { value: RolloutPreset; onChange: (preset: RolloutPreset) => void }

const PresetField = ({ value, onChange }: PresetProps) => (
  <Field label={words.preset} hint={presets[value][1]}>
    {(control) => (
      <Select
        {...control}
        value={value}
        onChange={({ target }) => onChange(PRESETS.find((preset) => preset === target.value) ?? 'all-at-once')}
      >
        {PRESETS.map((preset) => (
          <option key={preset} value={preset}>
            {presets[preset][0]}
          </option>
        ))}
      </Select>
    )}
  </Field>
)

const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`
