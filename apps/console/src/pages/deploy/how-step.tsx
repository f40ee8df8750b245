/** How step: a preset, or waves of one's own; what becomes of failures, of devices that are offline and of latecomers. */
import { PRESET_NAMES, type PresetName, presetOf, presetStrategy } from '@skerry/core/deployments/strategy-presets'
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

/** The step. */
export function HowStep(props: StepProps) {
  const { draft, change, read } = props
  const waves = draft.waves ?? []
  const { spec, problems } = read
  const preset = spec ? presetOf(spec.strategy) : undefined
  const chosen = preset === 'all-at-once' && waves.length > 0 ? undefined : preset
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
          onChange={(name) => change(name === 'own' ? ownDraft(draft) : presetDraft(name))}
          className="sm:grid-cols-2 xl:grid-cols-4"
        />
      </Card>
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1.75fr)_minmax(18rem,1fr)]">
        <Card title={deployTexts.waves.title}>
          <WaveList waves={waves} problems={problems} onChange={(next) => change({ waves: next })} />
        </Card>
        <WavePicture spec={spec} />
      </div>
      <PaceFields {...props} />
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
    </>
  )
}

type Names = Readonly<Record<string, readonly [name: string, hint: string]>>

const optionsOf = (names: Names) => Object.entries(names).map(([value, [name, hint]]) => ({ value, name, hint }))

/** The fields of the preset's strategy. */
const presetDraft = (name: PresetName): Partial<Draft> => strategyDraft(presetStrategy(name))

/** A first wave to begin with; whoever has waves already changes those. */
const ownDraft = ({ waves = [] }: Draft): Partial<Draft> => ({
  waves: waves.length === 0 ? [{ name: 'first', limit: '1', soak: '5m' }] : waves.map((wave) => ({ ...wave })),
})
