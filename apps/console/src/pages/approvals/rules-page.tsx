/** Approval rules: the actions that need two people. The page shows the effect of a change before it counts. */
import type { ApprovalRules } from '@skerry/contract/approvals/approval'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Card, Page } from '../../components/card.tsx'
import { Hidden } from '../../components/hidden.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { hub } from '../../hub/hub-client.ts'
import { useMissing, useRefusal } from '../../hub/permission.ts'
import { LifeField } from '../settings/joining/life-field.tsx'
import { SaveRules } from '../settings/save-rules.tsx'
import { approvalQueries } from './approval-queries.ts'
import { approvalsTexts } from './english-approvals.ts'
import { approvalRuleTexts as words } from './english-rules.ts'
import { ProductionField } from './production-field.tsx'
import { isSameRules, leadOf, livesWith, rulesOf, SWITCHES } from './rules-draft.ts'

/** Renders the page at /approvals?tab=rules. */
export function ApprovalRulesPage() {
  const refusal = useRefusal('organisation.read', 'approval.rules')
  return (
    <Page title={words.title} back={{ to: '/approvals', text: approvalsTexts.title }} lead={words.lead}>
      {refusal === undefined ? <Rules /> : <Hidden reason={refusal} />}
    </Page>
  )
}

function Rules() {
  const { data, error, refetch } = useQuery(approvalQueries.rules())
  return (
    <Card>
      {!data && (error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading rows={5} />)}
      {data && <Editor key={JSON.stringify(data)} kept={data} />}
    </Card>
  )
}

function Editor({ kept }: { kept: ApprovalRules }) {
  const client = useQueryClient()
  const missing = useMissing('organisation.write')
  const [draft, setDraft] = useState(kept)
  const wanted = rulesOf(draft)
  const set = (change: Partial<ApprovalRules>) => setDraft((before) => ({ ...before, ...change }))
  const save = async () => {
    await hub.approval.setRules(wanted)
    await client.invalidateQueries({ queryKey: approvalQueries.rules().queryKey })
  }
  return (
    <div className="flex max-w-2xl flex-col gap-5">
      <fieldset disabled={missing !== undefined} className="flex flex-col gap-5">
        <legend className="sr-only">{words.title}</legend>
        <ProductionField
          label={words.production}
          hint={words.productionHint}
          value={draft.deployments ?? ''}
          onChange={(deployments) => set({ deployments })}
        />
        {SWITCHES.map((name) => (
          <Switch key={name} name={name} isOn={draft[name] ?? false} onChange={(isOn) => set({ [name]: isOn })} />
        ))}
        <ProductionField
          label={words.moderated}
          hint={words.moderatedHint}
          value={draft.moderated || ''}
          onChange={(moderated) => set({ moderated })}
        />
        <LifeField
          label={words.expires}
          lives={livesWith(kept.expiresInSeconds)}
          seconds={draft.expiresInSeconds}
          onChange={(expiresInSeconds) => set({ expiresInSeconds })}
        />
      </fieldset>
      <SaveRules
        permission="organisation.write"
        words={words}
        isSame={isSameRules(kept, wanted)}
        lead={leadOf(kept, wanted)}
        run={save}
      />
    </div>
  )
}

type SwitchProps = { name: (typeof SWITCHES)[number]; isOn: boolean; onChange: (isOn: boolean) => void }

function Switch({ name, isOn, onChange }: SwitchProps) {
  const [title, what] = words.switches[name]
  return (
    <label className="flex items-start gap-2.5 text-sm">
      <input type="checkbox" className="mt-1" checked={isOn} onChange={({ target }) => onChange(target.checked)} />
      <span className="flex flex-col">
        <span className="font-medium">{title}</span>
        <span className="text-soft">{what}</span>
      </span>
    </label>
  )
}
