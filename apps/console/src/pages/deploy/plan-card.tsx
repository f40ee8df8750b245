/** Plan card: the dry run: the waves with their devices, the rejected devices, and the amount of data to transfer. */
import type { DeploymentPlan, DeploymentSpec } from '@skerry/contract/deployments/deployment'
import { useQuery } from '@tanstack/react-query'
import { Card, Facts } from '../../components/card.tsx'
import { sizeText } from '../../components/charts/amounts.ts'
import { cn } from '../../components/class-names.ts'
import { Badge } from '../../components/facts/badge.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { number } from '../../texts/count.ts'
import { timeText } from '../rollout/english-rollout.ts'
import { deployQueries } from './deploy-queries.ts'
import { deployTexts } from './english-deploy.ts'

const words = deployTexts.review

/** Names that one line of the table holds. */
const NAMES_SHOWN = 6
/** The card names this many rejected devices. The step before lists all of them. */
const REFUSED_SHOWN = 8

export function PlanCard({ spec }: { spec: DeploymentSpec }) {
  const { data: plan, error, refetch } = useQuery(deployQueries.plan(spec))
  const aside = plan && <Badge tone={plan.change === 'none' ? 'idle' : 'busy'}>{words.change[plan.change]}</Badge>
  return (
    <Card title={words.plan} aside={aside} isFlush>
      {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {!plan && !error && <Loading rows={4} />}
      {plan && !error && <PlanView plan={plan} />}
    </Card>
  )
}

function PlanView({ plan }: { plan: DeploymentPlan }) {
  const total = plan.waves.reduce((sum, { count }) => sum + count, 0)
  return (
    <div className="divide-y divide-line">
      <div className="p-4">
        <Facts
          rows={[
            [words.columns.devices, number.format(total)],
            [words.version, versionText(plan)],
            [words.bytes, words.bytesText(sizeText(plan.bytes), sizeText(plan.bytesPerDevice))],
            [words.duration, words.atLeast(timeText(plan.minSeconds * 1_000))],
          ]}
        />
        {total === 0 && <p className="mt-3 text-sm text-soft">{words.nobody}</p>}
      </div>
      <PlainTable
        label={words.plan}
        wideOnly={[words.columns.bytes]}
        headers={[
          words.columns.wave,
          words.columns.which,
          words.columns.devices,
          words.columns.bytes,
          words.columns.duration,
        ]}
        rows={plan.waves.map((wave, index) => ({
          key: `${index + 1}-${wave.name}`,
          cells: [
            <span key="name" className="whitespace-nowrap">
              {wave.name}
            </span>,
            <WaveNames key="which" wave={wave} />,
            number.format(wave.count),
            sizeText(wave.bytes),
            words.atLeast(timeText(wave.minSeconds * 1_000)),
          ],
        }))}
      />
      {plan.forms && plan.forms.length > 0 && <PlannedForms forms={plan.forms} />}
      <PlanRemarks plan={plan} />
    </div>
  )
}

/** The build that each class of hardware gets. */
const PlannedForms = ({ forms }: { forms: NonNullable<DeploymentPlan['forms']> }) => (
  <PlainTable
    label={words.forms}
    wideOnly={[words.columns.bytes]}
    headers={[words.columns.form, words.columns.class, words.columns.which, words.columns.bytes, words.columns.devices]}
    rows={forms.map((form) => ({
      key: `${form.build ?? ''} ${form.hardwareClass ?? ''}`,
      cells: [
        <span key="form" className="whitespace-nowrap">
          {form.recipe ?? deployTexts.fields.formVersion}
        </span>,
        <code key="class" className="font-mono text-xs whitespace-nowrap">
          {form.hardwareClass ?? words.anyClass}
        </code>,
        <WaveNames key="which" wave={form} />,
        sizeText(form.sizeBytes),
        number.format(form.count),
      ],
    }))}
  />
)

/** Devices that lose the model, may have to wait, or are rejected; nothing if there are none. */
export function PlanRemarks({ plan, className }: { plan: DeploymentPlan; className?: string }) {
  const { leaves, cautions, stuckGroupCount, refusedCount } = plan
  if (leaves.count + cautions.length + stuckGroupCount + refusedCount === 0) return null
  return (
    <div className={cn('divide-y divide-line', className)}>
      {leaves.count > 0 && <Leaves plan={plan} />}
      {cautions.length + stuckGroupCount > 0 && <HeldUp plan={plan} />}
      {refusedCount > 0 && <Refused plan={plan} />}
    </div>
  )
}

const versionText = ({ version, versionNow = version }: DeploymentPlan) =>
  versionNow === version ? version : `${versionNow} → ${version}`

/** Devices that lose the model. Nothing else in the plan removes anything. */
function Leaves({ plan: { leaves, waves } }: { plan: DeploymentPlan }) {
  const isAll = waves.every(({ count }) => count === 0)
  return (
    <div className="p-4">
      <p className="text-sm font-medium text-warn">
        {isAll ? words.leavesAll(leaves.count) : words.leaves(leaves.count)}
      </p>
      <p className="mt-1.5 text-sm wrap-anywhere">
        <WaveNames wave={leaves} />
      </p>
      <p className="mt-1.5 text-sm text-soft">{words.leavesWhen}</p>
    </div>
  )
}

function WaveNames({ wave: { count, devices } }: { wave: Pick<DeploymentPlan['waves'][number], 'count' | 'devices'> }) {
  const shown = devices.slice(0, NAMES_SHOWN).map(({ name }) => name)
  const more = count - shown.length
  return (
    <span className="text-soft">
      {shown.join(', ')}
      {more > 0 && ` ${deployTexts.preview.more(more)}`}
    </span>
  )
}

/** Selected devices that may nevertheless not run it, or not soon. */
function HeldUp({ plan: { cautions, stuckGroups, stuckGroupCount } }: { plan: DeploymentPlan }) {
  const groups = stuckGroups.slice(0, NAMES_SHOWN).map(({ group, devices }) => words.group(group, devices))
  const more = stuckGroupCount - groups.length
  return (
    <div className="p-4">
      <p className="text-sm font-medium text-warn">{words.heldUp}</p>
      <ul className="mt-1.5 flex flex-col gap-1 text-sm">
        {cautions.map(({ code, message, count, devices }) => (
          <li key={code} className="wrap-anywhere">
            <span className="font-medium">{words.caution(count, message)}</span> <WaveNames wave={{ count, devices }} />
          </li>
        ))}
        {groups.length > 0 && (
          <li className="wrap-anywhere">
            <span className="font-medium">{words.stuck}</span>{' '}
            <span className="text-soft">
              {groups.join(', ')}
              {more > 0 && ` ${deployTexts.preview.more(more)}`}
            </span>
          </li>
        )}
      </ul>
    </div>
  )
}

function Refused({ plan: { refused, refusedCount, refusals } }: { plan: DeploymentPlan }) {
  const shown = refused.slice(0, REFUSED_SHOWN)
  return (
    <div className="p-4">
      <p className="text-sm font-medium text-warn">{words.refused(refusedCount)}</p>
      {refusals.length > 1 && <p className="text-sm text-soft">{words.refusals(refusals)}</p>}
      <ul className="mt-1.5 flex flex-col gap-1 text-sm">
        {shown.map(({ id, name, message }) => (
          <li key={id} className="wrap-anywhere">
            <span className="font-medium">{name}</span>: <span className="text-soft">{message}</span>
          </li>
        ))}
        {refusedCount > shown.length && (
          <li className="text-xs text-faint">{deployTexts.preview.more(refusedCount - shown.length)}</li>
        )}
      </ul>
    </div>
  )
}
