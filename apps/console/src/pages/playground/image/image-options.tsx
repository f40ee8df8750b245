/** Image options: where the channels stand, their order, and the range of the values. */
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { Field, INPUT, Select } from '../../../components/fields.tsx'
import { playgroundWords } from '../english-playground.ts'
import { type ImagePlan, normalisationOf } from './image-plan.ts'
import { CHANNEL_ORDERS, type ChannelOrder, frameOf, LAYOUTS, type Layout, NORMALISATIONS } from './image-tensor.ts'

const words = playgroundWords.image

type OptionsProps = { spec: TensorSpec; plan: ImagePlan; onChange: (plan: ImagePlan) => void }

/** The choices. A layout that does not fit the shape is not there to choose. */
export function ImageOptions({ spec, plan, onChange }: OptionsProps) {
  const layouts = LAYOUTS.filter((layout) => frameOf(spec, layout) !== undefined)
  const frame = frameOf(spec, plan.layout)
  return (
    <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
      <Field label={words.layout}>
        {(control) => (
          <Select
            {...control}
            value={plan.layout}
            onChange={(event) => onChange({ ...plan, layout: event.target.value as Layout })}
          >
            {layouts.map((layout) => (
              <option key={layout} value={layout}>
                {layout}, {words.layouts[layout]}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {frame?.channels === 3 && (
        <Field label={words.order}>
          {(control) => (
            <Select
              {...control}
              value={plan.order}
              onChange={(event) => onChange({ ...plan, order: event.target.value as ChannelOrder })}
            >
              {CHANNEL_ORDERS.map((order) => (
                <option key={order}>{order}</option>
              ))}
            </Select>
          )}
        </Field>
      )}
      <NormalisationField plan={plan} onChange={onChange} />
      {frame && frame.width === undefined && <TextField plan={plan} name="width" onChange={onChange} />}
      {frame && frame.height === undefined && <TextField plan={plan} name="height" onChange={onChange} />}
      {plan.normalisation === 'custom' && <OwnNumbers plan={plan} onChange={onChange} />}
    </div>
  )
}

type PlanProps = Omit<OptionsProps, 'spec'>

const NAMES = [...(Object.keys(NORMALISATIONS) as (keyof typeof NORMALISATIONS)[]), 'custom'] as const

const NormalisationField = ({ plan, onChange }: PlanProps) => (
  <Field label={words.normalisation}>
    {(control) => (
      <Select
        {...control}
        value={plan.normalisation}
        onChange={(event) => onChange({ ...plan, normalisation: event.target.value as ImagePlan['normalisation'] })}
      >
        {NAMES.map((name) => (
          <option key={name} value={name}>
            {words.normalisations[name]}
          </option>
        ))}
      </Select>
    )}
  </Field>
)

const WRONG = { scale: words.scaleWrong, mean: words.numbersWrong, deviation: words.deviationWrong } as const

function OwnNumbers({ plan, onChange }: PlanProps) {
  const read = normalisationOf(plan)
  const errorOf = (name: keyof typeof WRONG) => (!read.ok && read.field === name ? WRONG[name] : undefined)
  return (['scale', 'mean', 'deviation'] as const).map((name) => (
    <TextField key={name} plan={plan} name={name} onChange={onChange} error={errorOf(name)} />
  ))
}

type TextName = 'scale' | 'mean' | 'deviation' | 'width' | 'height'

const TextField = ({ plan, name, onChange, error }: PlanProps & { name: TextName; error?: string | undefined }) => (
  <Field label={words[name]} error={error}>
    {(control) => (
      <input
        {...control}
        value={plan[name]}
        autoComplete="off"
        onChange={(event) => onChange({ ...plan, [name]: event.target.value })}
        className={INPUT}
      />
    )}
  </Field>
)
