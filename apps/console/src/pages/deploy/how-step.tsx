/** How step: a preset or custom waves, and the rules for failures, for offline devices and for latecomers. */
import { PRESET_NAMES, type PresetName, presetOf, presetStrategy } from '@skerry/core/deployments/strategy-presets'
import { useState } from 'react'
import { Card } from '../../components/card.tsx'
import { ChoiceCards } from './choice-cards.tsx'
import { strategyDraft } from './draft/draft.ts'
import type { Draft } from './draft/draft-search.ts'
import { deployTexts } from './english-deploy.ts'
import type { StepProps } from './step-props.ts'
import { PaceFields } from './waves/pace-fields.tsx'
import { WaveList } from './waves/wave-list.tsx'
import { WavePicture } from './waves/wave-picture.tsx'

const words = deployTexts.strategy

export function HowStep(props: StepProps) {
  const { draft, change, read } = props
  const waves = draft.waves ?? []
  const { spec, problems } = read
  const preset = spec ? presetOf(spec.strategy) : undefined
  // A change of the waves makes the strategy one's own, and keeps the details open.
  const [opened, setOpened] = useState<boolean>()
  const chosen = preset === 'all-at-once' && waves.length > 0 ? undefined : preset
  const isOpen = opened ?? (chosen === undefined || Object.keys(problems).length > 0)
  return (
    <>
      <Card>
        <ChoiceCards
          label={deployTexts.presets.label}
          options={[...PRESET_NAMES, 'own' as const].map((name) => ({
            value: name,
            name: deployTexts.presets[name][0],
            hint: deployTexts.presets[name][1],
          }))}
          value={chosen ?? 'own'}
          onChange={(name) => {
            setOpened(name === 'own')
            change(name === 'own' ? ownDraft(draft) : presetDraft(name))
          }}
          className="sm:grid-cols-2 xl:grid-cols-4"
        />
      </Card>
      <WavePicture spec={spec} />
      <details
        open={isOpen}
        onToggle={({ currentTarget }) => currentTarget.open !== isOpen && setOpened(currentTarget.open)}
      >
        <summary className="card cursor-pointer px-4 py-3 text-sm">
          <span className="font-semibold">{words.details}</span> <span className="text-soft">{words.detailsHint}</span>
        </summary>
        <div className="mt-4 flex flex-col gap-4">
          <Card title={deployTexts.waves.title}>
            <WaveList waves={waves} problems={problems} onChange={(next) => change({ waves: next })} />
          </Card>
          <PaceFields {...props} />
          <Rules {...props} />
        </div>
      </details>
    </>
  )
}

/** The rules for failures, for offline devices and for latecomers. */
function Rules({ draft, change }: StepProps) {
  return (
    <Card>
      <div className="grid gap-6 lg:grid-cols-3">
        <ChoiceCards
          label={words.onFailure}
          options={optionsOf(words.onFailures)}
          value={draft.onFailure ?? 'pause'}
          onChange={(value) => change({ onFailure: value === 'pause' ? undefined : value })}
        />
        <ChoiceCards
          label={words.offline}
          options={optionsOf(words.offlines)}
          value={draft.offline ?? 'wait'}
          onChange={(value) => change({ offline: value === 'wait' ? undefined : value })}
        />
        <ChoiceCards
          label={words.lateJoiners}
          options={optionsOf(words.lateJoinersAll)}
          value={draft.lateJoiners ?? 'last'}
          onChange={(value) => change({ lateJoiners: value === 'last' ? undefined : value })}
        />
      </div>
    </Card>
  )
}

type Names = Readonly<Record<string, readonly [name: string, hint: string]>>

const optionsOf = (names: Names) => Object.entries(names).map(([value, [name, hint]]) => ({ value, name, hint }))

/** The fields of the preset's strategy. */
const presetDraft = (name: PresetName): Partial<Draft> => strategyDraft(presetStrategy(name))

/** The first wave of a new list. If there are waves already, the person edits those. */
const ownDraft = ({ waves = [] }: Draft): Partial<Draft> => ({
  waves: waves.length === 0 ? [{ name: 'first', limit: '1', soak: '5m' }] : waves.map((wave) => ({ ...wave })),
})
