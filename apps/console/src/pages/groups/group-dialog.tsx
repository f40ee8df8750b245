/** Group dialog: creates a group, or changes it. It shows the devices that join and leave before somebody saves. */
import { problemOf } from '@skerry/client/problem'
import type { GroupDetail, GroupPlan } from '@skerry/contract/groups/group'
import { groupTag } from '@skerry/contract/values/entity-tag'
import { Name } from '@skerry/contract/values/names'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { SaveDialog } from '../../components/dialogs/save-dialog.tsx'
import { Field, INPUT } from '../../components/fields.tsx'
import { hub } from '../../hub/hub-client.ts'
import { useSettled } from '../deploy/draft/use-settled.ts'
import { groupsTexts } from './english-groups.ts'
import { groupQueries } from './group-queries.ts'

const words = groupsTexts.dialog

type Form = { name: string; selector: string; description: string }

/** Shown while it is in the page. */
export function GroupDialog({ known, onClose }: { known?: GroupDetail; onClose: () => void }) {
  const client = useQueryClient()
  const [form, setForm] = useState<Form>({
    name: known?.name ?? '',
    selector: known?.spec.selector ?? '',
    description: known?.spec.description ?? '',
  })
  const change = (part: Partial<Form>) => setForm((before) => ({ ...before, ...part }))
  const { plan, problem, blocked, isNamed } = usePlan(form)
  const save = async () => {
    const { name } = form
    const description = form.description.trim()
    const context = known ? { ifMatch: groupTag(known) } : { ifNoneMatch: '*' as const }
    const spec = { selector: form.selector.trim(), ...(description !== '' && { description }) }
    await hub.group.set({ group: name, spec }, { context })
    await client.invalidateQueries({ queryKey: groupQueries.list().queryKey })
    await client.invalidateQueries({ queryKey: groupQueries.one(name).queryKey })
    return groupsTexts.saved(name)
  }
  return (
    <SaveDialog
      title={known ? words.changeTitle(known.name) : words.createTitle}
      lead={words.lead}
      verb={words.verb}
      blocked={blocked}
      run={save}
      onClose={onClose}
      isWide
    >
      {!known && (
        <Field label={words.name} error={isNamed || form.name === '' ? undefined : words.nameError}>
          {(control) => (
            <input
              {...control}
              className={INPUT}
              autoComplete="off"
              value={form.name}
              onChange={({ target }) => change({ name: target.value })}
            />
          )}
        </Field>
      )}
      <Field label={words.selector} hint={words.selectorHint} error={problem}>
        {(control) => (
          <textarea
            {...control}
            rows={3}
            spellCheck={false}
            className={`${INPUT} h-auto py-2 font-mono text-xs`}
            value={form.selector}
            onChange={({ target }) => change({ selector: target.value })}
          />
        )}
      </Field>
      <Field label={words.description}>
        {(control) => (
          <input
            {...control}
            className={INPUT}
            autoComplete="off"
            maxLength={200}
            value={form.description}
            onChange={({ target }) => change({ description: target.value })}
          />
        )}
      </Field>
      <div role="status" className="min-h-16 rounded-lg bg-raised px-3 py-2.5 text-sm">
        {plan.data && <PlanText plan={plan.data} />}
        {plan.isFetching && !plan.data && <p className="text-soft">{words.waiting}</p>}
      </div>
    </SaveDialog>
  )
}

/** The plan of the group, and the reason why it cannot be saved yet. */
function usePlan({ name, selector }: Form) {
  // The hub looks at the whole fleet for a plan, so it gets no request for each letter.
  const settled = useSettled(selector.trim())
  const isNamed = Name.safeParse(name).success
  const { data, error, isFetching } = useQuery({
    ...groupQueries.plan(name, settled),
    enabled: isNamed && settled !== '',
  })
  const problem = error ? problemOf(error).message : undefined
  const isWaiting = settled !== selector.trim() || isFetching
  return { plan: { data, isFetching }, problem, isNamed, blocked: blockedBy({ isNamed, settled, problem, isWaiting }) }
}

type Standing = { isNamed: boolean; settled: string; problem: string | undefined; isWaiting: boolean }

function blockedBy({ isNamed, settled, problem, isWaiting }: Standing): string | undefined {
  if (!isNamed) return words.nameError
  if (settled === '') return words.selectorError
  return problem ?? (isWaiting ? words.waiting : undefined)
}

function PlanText({ plan: { joins, leaves, memberCount, uses } }: { plan: GroupPlan }) {
  const text = groupsTexts.plan
  const isSame = joins.count + leaves.count === 0
  return (
    <div className="flex flex-col gap-1">
      <p className="font-medium">{isSame ? text.same(memberCount) : text.members(memberCount)}</p>
      {joins.count > 0 && <Moves lead={text.joins(joins.count)} names={text.named(joins)} />}
      {leaves.count > 0 && <Moves lead={text.leaves(leaves.count)} names={text.named(leaves)} />}
      {!isSame && uses.length > 0 && <p className="text-warn">{text.follows(uses)}</p>}
    </div>
  )
}

const Moves = ({ lead, names }: { lead: string; names: string }) => (
  <p className="wrap-anywhere">
    {lead}: <span className="text-soft">{names}</span>
  </p>
)
