/** Rollout devices: each device of a rollout in words, with its own report. */
import type { Rollout } from '@skerry/contract/rollouts/rollout'
import { rememberedText } from '@skerry/core/devices/cause-words'
import { rolloutDeviceLanguage } from '@skerry/core/language/row-language'
import { isEnded } from '@skerry/core/rollouts/rollout-state'
import { SHOWN_OUTCOMES, type ShownDevice, type ShownOutcome } from '@skerry/core/rollouts/views/outcome-words'
import { FAILURE_KINDS } from '@skerry/core/rollouts/wave-verdict'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Server } from 'lucide-react'
import { useMemo } from 'react'
import { Card } from '../../components/card.tsx'
import { Tooltip } from '../../components/dialogs/tooltip.tsx'
import { OutcomeBadge } from '../../components/facts/badge.tsx'
import { DeviceLink } from '../../components/facts/device-link.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { Select } from '../../components/fields.tsx'
import { Empty, Failure, Loading } from '../../components/page-state.tsx'
import { type Column, DataTable } from '../../components/rows/data-table.tsx'
import { RowFilter } from '../../components/rows/row-filter.tsx'
import { useRowFilter } from '../../components/rows/use-row-filter.ts'
import { texts } from '../../texts/english.ts'
import { rolloutPageTexts, rolloutTexts as words } from './english-rollout.ts'

type Props = { rollout: Rollout; devices: readonly ShownDevice[] | undefined; error: unknown }

/** The table, filtered by outcome in the address. */
export function RolloutDevices({ rollout, devices, error }: Props) {
  const { outcome, sort, q } = useSearch({ from: '/inside/rollouts/$rollout' })
  const navigate = useNavigate({ from: '/rollouts/$rollout' })
  const set = (change: { outcome?: ShownOutcome | undefined; sort?: string; q?: string | undefined }) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  const ofOutcome = useMemo(
    () => devices?.filter((device) => outcome === undefined || device.outcome === outcome),
    [devices, outcome],
  )
  const { shown, problem } = useRowFilter(ofOutcome, q, rolloutDeviceLanguage)
  const waveNames = rollout.waves.map(({ name }) => name).join('\n')
  const columns = useMemo(() => columnsFor(waveNames.split('\n')), [waveNames])
  // An ended rollout has no device that waits, and a rollout that has not ended has reached nothing for good.
  const absent: readonly ShownOutcome[] = isEnded(rollout) ? ['waiting', 'offered'] : ['not-reached', 'pending']
  const choices = SHOWN_OUTCOMES.filter((each) => !absent.includes(each) || each === outcome)
  const select = (
    <Select
      aria-label={words.outcome}
      className="h-7.5 w-40 text-xs"
      value={outcome ?? ''}
      onChange={(event) => set({ outcome: SHOWN_OUTCOMES.find((each) => each === event.target.value) })}
    >
      <option value="">{words.anyOutcome}</option>
      {choices.map((each) => (
        <option key={each} value={each}>
          {texts.outcome[each]}
        </option>
      ))}
    </Select>
  )
  return (
    <Card title={shown ? words.devicesOf(shown.length) : words.devices} aside={select} isFlush>
      <div className="border-b border-line p-3">
        <RowFilter
          label={rolloutPageTexts.rolloutPage.filter}
          language={rolloutDeviceLanguage}
          value={q ?? ''}
          onChange={(next) => set({ q: next })}
          problem={problem}
        />
      </div>
      {error ? <Failure error={error} /> : null}
      {!devices && !error && <Loading />}
      {shown?.length === 0 && <Empty icon={Server} title={texts.devices.noMatch} />}
      {shown && shown.length > 0 && (
        <DataTable
          className="max-h-[60vh]"
          label={words.devices}
          rows={shown}
          columns={columns}
          rowKey={({ deviceId }) => deviceId}
          sort={sort ?? 'outcome'}
          onSort={(next) => set({ sort: next })}
        />
      )}
    </Card>
  )
}

/** Outcomes that need a person come first. */
const URGENCY: readonly ShownOutcome[] = [
  ...FAILURE_KINDS,
  'tolerated',
  'offered',
  'pending',
  'skipped',
  'waiting',
  'not-reached',
  'healthy',
]

const columnsFor = (waves: readonly string[]): readonly Column<ShownDevice>[] => [
  {
    id: 'outcome',
    header: words.columns.outcome,
    width: '7.5rem',
    sortValue: ({ outcome }) => URGENCY.indexOf(outcome),
    cell: ({ outcome }) => <OutcomeBadge outcome={outcome} />,
  },
  {
    id: 'device',
    header: words.columns.device,
    width: 'minmax(8.5rem, 1.5fr)',
    sortValue: ({ device }) => device,
    cell: ({ device }) => <DeviceLink device={device} />,
  },
  {
    id: 'site',
    header: words.columns.site,
    width: 'minmax(6rem, 1fr)',
    rank: 3,
    sortValue: ({ site }) => site,
    cell: ({ site }) => <span className="text-soft">{site}</span>,
  },
  {
    id: 'wave',
    header: words.columns.wave,
    width: '5rem',
    rank: 4,
    sortValue: ({ wave }) => wave,
    cell: ({ wave }) => <span className="text-soft">{waves[wave] ?? rolloutPageTexts.rolloutPage.later}</span>,
  },
  {
    id: 'state',
    header: words.columns.state,
    width: 'minmax(8rem, 2fr)',
    rank: 1,
    cell: ({ state, cause, shadow }) => (
      <span className="text-soft">
        {state && texts.itemState[state]}
        {shadow && !cause && ` (${rolloutPageTexts.rolloutPage.compared(shadow)})`}
        {cause && (
          <Tooltip text={`${rememberedText(cause)}${cause.message}`}>
            <button type="button" className="cursor-help rounded">
              {state && ': '}
              {rememberedText(cause)}
              {cause.message}
            </button>
          </Tooltip>
        )}
      </span>
    ),
  },
  {
    id: 'decided',
    header: words.columns.decided,
    width: '6rem',
    isRight: true,
    rank: 2,
    sortValue: ({ decidedAtMs }) => -(decidedAtMs ?? 0),
    cell: ({ decidedAtMs }) =>
      decidedAtMs === undefined ? (
        <span className="text-faint">–</span>
      ) : (
        <span className="text-soft">
          <Instant ms={decidedAtMs} />
        </span>
      ),
  },
]
