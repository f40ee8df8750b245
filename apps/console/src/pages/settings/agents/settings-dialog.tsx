/** Settings dialog: changes the settings of one place. It shows the devices that change before somebody saves. */
import { problemOf } from '@skerry/client/problem'
import {
  type DeviceSettings,
  type SettingsLayer,
  type SettingsPlan,
  SettingsScope,
} from '@skerry/contract/settings/device-settings'
import { settingsTag } from '@skerry/contract/values/entity-tag'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { SaveDialog } from '../../../components/dialogs/save-dialog.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { useSettled } from '../../deploy/draft/use-settled.ts'
import { agentQueries } from './agent-queries.ts'
import { agentsTexts } from './english-agents.ts'
import { draftOf, readDraft } from './settings-draft.ts'
import { SettingsFields } from './settings-fields.tsx'

const words = agentsTexts.dialog

type SettingsDialogProps = {
  /** Such as `organisation`, `site:hamburg` or `device:press-4`. */
  scope: string
  /** The settings of all places. */
  layers: readonly SettingsLayer[]
  /** The less specific places of this one. */
  above: readonly string[]
  /** Fields above the settings, such as the choice of the place. */
  children?: ReactNode
  onClose: () => void
}

/** Shown while it is in the page. */
export function SettingsDialog({ scope, layers, above, children, onClose }: SettingsDialogProps) {
  const client = useQueryClient()
  // The settings at the time of opening: the hub rejects the change if somebody else has made one meanwhile.
  const [known] = useState(() => layers.find((layer) => layer.scope === scope))
  const [draft, setDraft] = useState(() => draftOf(known?.settings ?? {}))
  const read = readDraft(draft)
  const spec = read.ok ? read.settings : undefined
  const { plan, problem, isWaiting } = usePlan(scope, spec)
  const save = async () => {
    const context = known ? { ifMatch: settingsTag(known) } : { ifNoneMatch: '*' as const }
    await hub.settings.set({ settings: SettingsScope.parse(scope), spec: spec ?? {} }, { context })
    await client.invalidateQueries({ queryKey: ['devices'] })
    return words.saved(agentsTexts.place(scope))
  }
  const problems = read.ok ? {} : read.problems
  const [firstProblem] = Object.values(problems)
  const blocked = firstProblem ?? problem ?? (isWaiting ? words.waiting : sameText(plan))
  return (
    <SaveDialog
      title={words.title(agentsTexts.place(scope))}
      lead={agentsTexts.lead}
      verb={words.verb}
      blocked={blocked}
      run={save}
      onClose={onClose}
      isWide
    >
      {children}
      <SettingsFields
        draft={draft}
        problems={problems}
        above={layers.filter((layer) => above.includes(layer.scope))}
        onChange={(change) => setDraft((before) => ({ ...before, ...change }))}
      />
      <div role="status" className="min-h-16 rounded-lg bg-raised px-3 py-2.5 text-sm wrap-anywhere">
        {problem !== undefined && <p className="text-bad">{problem}</p>}
        {plan && <PlanText plan={plan} />}
        {!plan && isWaiting && <p className="text-soft">{words.waiting}</p>}
      </div>
    </SaveDialog>
  )
}

const sameText = (plan: SettingsPlan | undefined) => (plan?.change === 'none' ? words.same : undefined)

function usePlan(scope: string, spec: DeviceSettings | undefined) {
  // The hub looks at the whole fleet for a plan, so it gets no request for each letter.
  const settled = useSettled(spec)
  const place = SettingsScope.safeParse(scope)
  const { data, error, isFetching } = useQuery({
    ...agentQueries.plan(place.data ?? 'organisation', settled ?? {}),
    enabled: settled !== undefined && place.success,
  })
  const isWaiting = settled !== spec || isFetching
  return { plan: spec && data, problem: error ? problemOf(error).message : undefined, isWaiting }
}

function PlanText({ plan }: { plan: SettingsPlan }) {
  if (plan.change === 'none') return <p className="text-soft">{words.same}</p>
  return (
    <div className="flex flex-col gap-1">
      {plan.change === 'remove' && <p className="text-warn">{words.removes}</p>}
      <p className="font-medium">{agentsTexts.plan.changes(plan)}</p>
      {plan.unaffected > 0 && <p className="text-soft">{agentsTexts.plan.unaffected(plan.unaffected)}</p>}
    </div>
  )
}
