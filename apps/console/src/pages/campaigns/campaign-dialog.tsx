/** Campaign dialog: declares a campaign, lists the devices that could take part, and starts it. */
import { problemOf } from '@skerry/client/problem'
import type { CampaignSpec } from '@skerry/contract/campaigns/campaign'
import { isOfNumbers } from '@skerry/core/campaigns/metric'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Choice } from '../../components/choice.tsx'
import { SaveDialog } from '../../components/dialogs/save-dialog.tsx'
import { Field, INPUT } from '../../components/fields.tsx'
import { hub } from '../../hub/hub-client.ts'
import { queries } from '../../hub/queries.ts'
import { CampaignCheck, type Checked } from './campaign-check.tsx'
import { type CampaignForm, declaredCampaign, FIRST_FORM, type TextFieldName } from './campaign-form.ts'
import { campaignQueries } from './campaign-queries.ts'
import { campaignsTexts } from './english-campaigns.ts'

const words = campaignsTexts.form

type FormProps = { form: CampaignForm; change: (part: Partial<CampaignForm>) => void }

/** Shown while it is in the page. */
export function CampaignDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const [form, setForm] = useState(FIRST_FORM)
  const change = (part: Partial<CampaignForm>) => setForm((before) => ({ ...before, ...part }))
  const declared = declaredCampaign(form)
  const { checked, isChecking, check } = useCheck()
  const isKnown = declared.ok && checked?.key === JSON.stringify(declared.spec)
  const start = async () => {
    if (!declared.ok) throw new Error(words.wrong(declared.path))
    await hub.campaign.create({ spec: declared.spec })
    await client.invalidateQueries({ queryKey: campaignQueries.list().queryKey })
    return words.started(declared.spec.name)
  }
  const wrong = declared.ok ? undefined : words.wrong(declared.path)
  return (
    <SaveDialog
      title={words.title}
      lead={words.lead}
      verb={words.verb}
      blocked={wrong ?? (isKnown && checked?.reply ? undefined : words.checkFirst)}
      run={start}
      isWide
      onClose={onClose}
    >
      <WhatFields {...{ form, change }} />
      <DataFields {...{ form, change }} />
      <TrainingFields {...{ form, change }} />
      <PrivacyFields {...{ form, change }} />
      <ResultFields {...{ form, change }} />
      <div className="flex flex-col items-start gap-3">
        <Button
          blocked={wrong ?? (isChecking ? words.checking : undefined)}
          onClick={() => declared.ok && void check(declared.spec)}
        >
          {words.check}
        </Button>
        {isKnown && checked && <CampaignCheck checked={checked} />}
      </div>
    </SaveDialog>
  )
}

/** A dry run of the hub, and the campaign that it was for. */
function useCheck() {
  const [checked, setChecked] = useState<Checked>()
  const [isChecking, setChecking] = useState(false)
  const check = async (spec: CampaignSpec) => {
    setChecking(true)
    const key = JSON.stringify(spec)
    try {
      setChecked({ key, reply: await hub.campaign.create({ spec, dryRun: true }) })
    } catch (error) {
      setChecked({ key, problem: problemOf(error).message })
    }
    setChecking(false)
  }
  return { checked, isChecking, check }
}

function WhatFields({ form, change }: FormProps) {
  const { data: models = [] } = useQuery(queries.models())
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <TextField name="name" hint={words.hints.name} {...{ form, change }} />
      <Choice
        label={words.model}
        value={form.model}
        options={[['', words.choose], ...models.map(({ name }) => [name, name] as const)]}
        onChange={(model) => change({ model, deploy: '' })}
      />
    </div>
  )
}

const DataFields = ({ form, change }: FormProps) => (
  <div className="grid grid-cols-2 gap-4 sm:grid-cols-3">
    <TextField name="data" hint={words.hints.data} {...{ form, change }} />
    <TextField name="shape" hint={words.hints.shape} {...{ form, change }} />
    <Choice
      label={words.loss}
      value={form.loss}
      options={Object.entries(words.losses)}
      onChange={(loss) => change({ loss: loss as CampaignForm['loss'] })}
    />
    {form.loss === 'cross-entropy' ? (
      <TextField name="classes" {...{ form, change }} />
    ) : (
      <TextField name="targets" hint={words.hints.targets} {...{ form, change }} />
    )}
    <Choice
      label={words.type}
      value={form.type}
      options={[
        ['float32', 'float32'],
        ['uint8', 'uint8'],
      ]}
      onChange={(type) => change({ type: type as CampaignForm['type'] })}
    />
    <TextField name="scale" hint={words.hints.scale} {...{ form, change }} />
    <TextField name="selector" hint={words.hints.selector} {...{ form, change }} />
  </div>
)

const TrainingFields = ({ form, change }: FormProps) => (
  <div className="grid grid-cols-2 items-start gap-4 sm:grid-cols-3">
    <TextField name="rounds" {...{ form, change }} />
    <TextField name="minimum" hint={words.hints.minimum} {...{ form, change }} />
    <TextField name="epochs" {...{ form, change }} />
    <TextField name="learningRate" {...{ form, change }} />
    <Choice
      label={words.strategy}
      value={form.strategy}
      options={Object.entries(words.strategies)}
      onChange={(strategy) => change({ strategy: strategy as CampaignForm['strategy'] })}
    />
    {form.strategy === 'norm-bound' && <TextField name="bound" {...{ form, change }} />}
  </div>
)

const PrivacyFields = ({ form, change }: FormProps) => (
  <div className="flex flex-col gap-3">
    <Check label={words.masks} isOn={form.isMasked} onChange={(isMasked) => change({ isMasked })} />
    <Check label={words.sums} isOn={form.isSummed} onChange={(isSummed) => change({ isSummed })} />
    <Check label={words.noise} isOn={form.isNoisy} onChange={(isNoisy) => change({ isNoisy })} />
    {form.isNoisy && (
      <div className="grid grid-cols-2 items-start gap-4 sm:grid-cols-3">
        <TextField name="noiseBound" {...{ form, change }} />
        <TextField name="multiplier" {...{ form, change }} />
        <TextField name="epsilonMax" hint={words.hints.epsilonMax} {...{ form, change }} />
      </div>
    )}
  </div>
)

function ResultFields({ form, change }: FormProps) {
  const { data: deployments = [] } = useQuery(queries.deployments())
  const ofModel = deployments.filter(({ spec }) => spec.deployable === form.model)
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Choice
        label={words.deploy}
        value={form.deploy}
        options={[['', words.noDeployment], ...ofModel.map(({ name }) => [name, name] as const)]}
        onChange={(deploy) => change({ deploy })}
      />
      {isOfNumbers(form.loss) ? (
        <TextField name="errorMax" hint={words.hints.errorMax} {...{ form, change }} />
      ) : (
        <TextField name="accuracyMin" hint={words.hints.accuracyMin} {...{ form, change }} />
      )}
    </div>
  )
}

const Check = ({ label, isOn, onChange }: { label: string; isOn: boolean; onChange: (isOn: boolean) => void }) => (
  <label className="flex items-start gap-2 text-sm">
    <input
      type="checkbox"
      className="mt-0.5 size-4 shrink-0 accent-(--accent)"
      checked={isOn}
      onChange={({ target }) => onChange(target.checked)}
    />
    {label}
  </label>
)

const TextField = ({ name, form, change, hint }: FormProps & { name: TextFieldName; hint?: string }) => (
  <Field label={words.fields[name]} hint={hint}>
    {(control) => (
      <input
        {...control}
        className={INPUT}
        autoComplete="off"
        spellCheck={false}
        value={form[name]}
        onChange={({ target }) => change({ [name]: target.value })}
      />
    )}
  </Field>
)
