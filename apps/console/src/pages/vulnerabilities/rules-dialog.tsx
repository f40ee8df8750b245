/** Rules dialog: the vulnerabilities that keep a version from a rollout, as rules for patterns of names. */
import { ModelPattern } from '@skerry/contract/models/trust'
import type { VulnerabilitySeverity } from '@skerry/contract/vulnerabilities/vulnerability'
import {
  VULNERABILITY_RULES_MAX,
  type VulnerabilityPolicy,
  type VulnerabilityRule,
} from '@skerry/contract/vulnerabilities/vulnerability-rule'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Choice } from '../../components/choice.tsx'
import { SaveDialog } from '../../components/dialogs/save-dialog.tsx'
import { Field } from '../../components/fields.tsx'
import { TextInput } from '../../components/text-input.tsx'
import { hub } from '../../hub/hub-client.ts'
import { vulnerabilitiesTexts } from './english-vulnerabilities.ts'
import { vulnerabilityQueries } from './vulnerability-queries.ts'

const words = vulnerabilitiesTexts.rules

/** Shown while it is in the page. Nothing shows before the rules have been read. */
export function RulesDialog({ onClose }: { onClose: () => void }) {
  const { data } = useQuery(vulnerabilityQueries.rules())
  return data ? <RulesForm policy={data} onClose={onClose} /> : null
}

type RuleDraft = VulnerabilityRule & { key: number }

/** Another person may change the rules meanwhile. Then the hub rejects the change. */
function RulesForm({ policy, onClose }: { policy: VulnerabilityPolicy; onClose: () => void }) {
  // The page may read them again while the dialog is open: the draft is still one of the rules that it began with.
  const [{ revision: ifRevision }] = useState(policy)
  const [drafts, setDrafts] = useState<readonly RuleDraft[]>(policy.rules.map((rule, key) => ({ ...rule, key })))
  const client = useQueryClient()
  const isWrong = drafts.some(({ models }) => !ModelPattern.safeParse(models).success)
  const run = async () => {
    const rules = drafts.map(({ key: _, ...rule }) => rule)
    await hub.vulnerabilityPolicy.set({ rules, ifRevision })
    await client.invalidateQueries({ queryKey: ['vulnerabilities'] })
    return words.saved(rules.length)
  }
  const add = () => {
    const key = Math.max(-1, ...drafts.map((draft) => draft.key)) + 1
    setDrafts([...drafts, { models: '*', severity: 'critical', possible: false, key }])
  }
  return (
    <SaveDialog
      title={words.title}
      lead={words.lead}
      verb={words.save}
      blocked={isWrong ? words.wrong : undefined}
      run={run}
      isWide
      onClose={onClose}
    >
      {drafts.length === 0 && <p className="text-sm text-soft">{words.none}</p>}
      {drafts.map((draft, index) => (
        <RuleRow
          key={draft.key}
          number={index + 1}
          rule={draft}
          onChange={(change) => setDrafts(drafts.map((one) => (one.key === draft.key ? { ...one, ...change } : one)))}
          onRemove={() => setDrafts(drafts.filter((one) => one.key !== draft.key))}
        />
      ))}
      <div>
        <Button onClick={add} blocked={drafts.length < VULNERABILITY_RULES_MAX ? undefined : words.most}>
          {words.add}
        </Button>
      </div>
    </SaveDialog>
  )
}

type RowProps = {
  number: number
  rule: VulnerabilityRule
  onChange: (change: Partial<VulnerabilityRule>) => void
  onRemove: () => void
}

const SEVERITIES = Object.entries(vulnerabilitiesTexts.severities)

function RuleRow({ number, rule: { models, severity, possible }, onChange, onRemove }: RowProps) {
  const isRight = ModelPattern.safeParse(models).success
  return (
    <fieldset className="grid items-end gap-3 sm:grid-cols-[1fr_9rem_12rem_auto]">
      <legend className="sr-only">{words.rule(number)}</legend>
      <Field label={words.models} error={isRight ? undefined : words.wrong}>
        {(control) => <TextInput control={control} value={models} onChange={(text) => onChange({ models: text })} />}
      </Field>
      <Choice
        label={words.severity}
        value={severity}
        options={SEVERITIES}
        onChange={(value) => onChange({ severity: value as VulnerabilitySeverity })}
      />
      <Choice
        label={words.counts}
        value={possible ? 'possible' : 'open'}
        options={words.choices}
        onChange={(value) => onChange({ possible: value === 'possible' })}
      />
      <Button onClick={onRemove}>{words.remove}</Button>
    </fieldset>
  )
}
