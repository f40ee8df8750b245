/** Rollout devices: each device of a rollout in words, with what it says of itself. */
import { Outcome, type Rollout, type RolloutDevice } from '@skerry/contract/rollout'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Server } from 'lucide-react'
import { OutcomeBadge } from '../../components/badge.tsx'
import { Card } from '../../components/card.tsx'
import { type Column, DataTable } from '../../components/data-table.tsx'
import { Select } from '../../components/fields.tsx'
import { Instant } from '../../components/instant.tsx'
import { OUTCOME_ORDER } from '../../components/outcome-bar.tsx'
import { Empty, Failure, Loading } from '../../components/page-state.tsx'
import { Tooltip } from '../../components/tooltip.tsx'
import { texts } from '../../texts/english.ts'

const words = texts.rollout

type Row = RolloutDevice & { waveName: string }
type Props = { rollout: Rollout; devices: readonly RolloutDevice[] | undefined; error: unknown }

/** The table, filtered by outcome in the address. */
export function RolloutDevices({ rollout, devices, error }: Props) {
  const { outcome, sort } = useSearch({ from: '/inside/rollouts/$rollout' })
  const navigate = useNavigate({ from: '/rollouts/$rollout' })
  const set = (change: { outcome?: Outcome | undefined; sort?: string }) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  const shown = devices
    ?.filter((device) => outcome === undefined || device.outcome === outcome)
    .map((device): Row => ({ ...device, waveName: rollout.waves[device.wave]?.name ?? '' }))
  const select = (
    <Select
      aria-label={words.outcome}
      className="h-7.5 w-40 text-xs"
      value={outcome ?? ''}
      onChange={(event) => set({ outcome: Outcome.safeParse(event.target.value).data })}
    >
      <option value="">{words.anyOutcome}</option>
      {OUTCOME_ORDER.map((each) => (
        <option key={each} value={each}>
          {texts.outcome[each]}
        </option>
      ))}
    </Select>
  )
  return (
    <Card title={shown ? words.devicesOf(shown.length) : words.devices} aside={select} isFlush>
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

/** What needs a person comes first. */
const URGENCY: readonly Outcome[] = ['failed', 'timed-out', 'tolerated', 'offered', 'skipped', 'waiting', 'healthy']

const columns: readonly Column<Row>[] = [
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
    width: 'minmax(11rem, 1.5fr)',
    sortValue: ({ device }) => device,
    cell: ({ device }) => (
      <Link to="/devices/$device" params={{ device }} className="rounded font-medium hover:text-accent hover:underline">
        {device}
      </Link>
    ),
  },
  {
    id: 'site',
    header: words.columns.site,
    width: 'minmax(7rem, 1fr)',
    sortValue: ({ site }) => site,
    cell: ({ site }) => <span className="text-soft">{site}</span>,
  },
  {
    id: 'wave',
    header: words.columns.wave,
    width: '6rem',
    sortValue: ({ wave }) => wave,
    cell: ({ waveName }) => <span className="text-soft">{waveName}</span>,
  },
  {
    id: 'state',
    header: words.columns.state,
    width: 'minmax(12rem, 2fr)',
    cell: ({ state, cause }) => (
      <span className="text-soft">
        {state && texts.itemState[state]}
        {cause && (
          <Tooltip text={cause.message}>
            <button type="button" className="cursor-help rounded">
              {state && ': '}
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
    width: '6.5rem',
    isRight: true,
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
