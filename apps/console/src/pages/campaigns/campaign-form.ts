/** Campaign form: the texts of its fields, and the campaign that they declare. The hub adds the defaults of all others. */
import { CampaignSpec } from '@skerry/contract/campaigns/campaign'
import { isOfNumbers } from '@skerry/core/campaigns/metric'

/** Every field is a text, as a person writes it. */
export type CampaignForm = {
  name: string
  model: string
  data: string
  type: 'float32' | 'uint8'
  shape: string
  scale: string
  loss: CampaignSpec['training']['loss']
  /** Of the loss `cross-entropy`. */
  classes: string
  /** Of the other losses: the shape of the numbers of a row. */
  targets: string
  selector: string
  minimum: string
  rounds: string
  epochs: string
  learningRate: string
  strategy: CampaignSpec['strategy']['kind']
  /** Of the strategy `norm-bound`. */
  bound: string
  deploy: string
  /** Of losses whose answers are right or wrong. */
  accuracyMin: string
  /** Of losses whose answers are numbers. */
  errorMax: string
  isMasked: boolean
  /** A device of each site adds the updates of its site. */
  isSummed: boolean
  isNoisy: boolean
  noiseBound: string
  multiplier: string
  epsilonMax: string
}

export const FIRST_FORM: CampaignForm = {
  name: '',
  model: '',
  data: '',
  type: 'float32',
  shape: '',
  scale: '',
  loss: 'cross-entropy',
  classes: '',
  targets: '1',
  selector: '',
  minimum: '3',
  rounds: '10',
  epochs: '1',
  learningRate: '0.1',
  strategy: 'fedavg',
  bound: '1',
  deploy: '',
  accuracyMin: '',
  errorMax: '',
  isMasked: false,
  isSummed: false,
  isNoisy: false,
  noiseBound: '1',
  multiplier: '1',
  epsilonMax: '',
}

/** Fields that a person writes as text. */
export type TextFieldName = Exclude<
  keyof CampaignForm,
  'type' | 'loss' | 'strategy' | 'isMasked' | 'isSummed' | 'isNoisy' | 'model' | 'deploy'
>

/** Empty texts are absent. A text that is no number becomes NaN, which the schema rejects. */
const numberOf = (text: string): number | undefined => (text.trim() === '' ? undefined : Number(text))

const shapeOf = (text: string): number[] => text.split(/[\s,x×]+/).flatMap((size) => (size === '' ? [] : Number(size)))

const textOf = (text: string): string | undefined => (text.trim() === '' ? undefined : text.trim())

const withoutAbsent = (record: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))

/** The declared campaign, or the path of the first field that is wrong. */
export function declaredCampaign(form: CampaignForm): { ok: true; spec: CampaignSpec } | { ok: false; path: string } {
  const declared = CampaignSpec.safeParse(
    withoutAbsent({
      name: form.name.trim(),
      model: form.model,
      data: withoutAbsent({
        name: form.data.trim(),
        type: form.type,
        shape: shapeOf(form.shape),
        scale: numberOf(form.scale),
        classes: form.loss === 'cross-entropy' ? numberOf(form.classes) : undefined,
        targets: form.loss === 'cross-entropy' ? undefined : shapeOf(form.targets),
      }),
      participants: withoutAbsent({ selector: textOf(form.selector), minimum: numberOf(form.minimum) }),
      rounds: numberOf(form.rounds),
      training: withoutAbsent({
        epochs: numberOf(form.epochs),
        learningRate: numberOf(form.learningRate),
        loss: form.loss,
      }),
      strategy: withoutAbsent({
        kind: form.strategy,
        bound: form.strategy === 'norm-bound' ? numberOf(form.bound) : undefined,
      }),
      result: withoutAbsent({
        deploy: textOf(form.deploy),
        accuracyMin: isOfNumbers(form.loss) ? undefined : numberOf(form.accuracyMin),
        errorMax: isOfNumbers(form.loss) ? numberOf(form.errorMax) : undefined,
      }),
      privacy: privacyOf(form),
      aggregate: form.isSummed ? 'site' : undefined,
    }),
  )
  if (declared.success) return { ok: true, spec: declared.data }
  return { ok: false, path: declared.error.issues[0]?.path.join('.') ?? '' }
}

function privacyOf({ isMasked, isNoisy, noiseBound, multiplier, epsilonMax }: CampaignForm) {
  if (!isMasked && !isNoisy) return undefined
  const noise = withoutAbsent({
    bound: numberOf(noiseBound),
    multiplier: numberOf(multiplier),
    epsilonMax: numberOf(epsilonMax),
  })
  return withoutAbsent({ masks: isMasked ? {} : undefined, noise: isNoisy ? noise : undefined })
}
