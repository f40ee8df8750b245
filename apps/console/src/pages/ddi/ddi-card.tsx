/** DDI card: a device without an agent: its image, its order with the progress, its attributes, and its own messages. */
import type { DdiDevice } from '@skerry/contract/ddi/ddi-device'
import type { DeviceDetail } from '@skerry/contract/devices/device'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { Card, Facts } from '../../components/card.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { hub } from '../../hub/hub-client.ts'
import { Advice } from '../device/advice.tsx'
import { ProgressBar } from '../models/upload/job/progress-bar.tsx'
import { ddiTexts as words } from './english-ddi.ts'

/** Progress between two reports of the item changes no level, so the page asks again while an order is open. */
const PROGRESS_MS = 5_000

const ddiQuery = ({ id }: Pick<DeviceDetail, 'id'>) =>
  queryOptions({
    queryKey: ['devices', 'ddi', id],
    queryFn: ({ signal }) => hub.ddi.get({ device: id }, { signal }),
    refetchInterval: ({ state }) => (state.data?.action ? PROGRESS_MS : false),
  })

export function DdiCard({ device }: { device: DeviceDetail }) {
  const { data, error, refetch } = useQuery(ddiQuery(device))
  if (!data) {
    return (
      <Card title={words.title}>
        {error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading rows={4} />}
      </Card>
    )
  }
  return (
    <>
      <UpdaterCard ddi={data} device={device.name} />
      <LinesCard ddi={data} />
    </>
  )
}

function UpdaterCard({ ddi, device }: { ddi: DdiDevice; device: string }) {
  const { installed, action, failed, attributes, controllerId, tenant, url, mustConfirm } = ddi
  const { fields } = words
  const known = Object.entries(attributes)
  return (
    <Card title={words.title}>
      <p className="mb-3 text-sm text-soft">{words.lead}</p>
      {failed && (
        <div className="mb-3">
          <Advice cause={failed} isBad device={device} />
        </div>
      )}
      <Facts
        rows={[
          [fields.image, installed ? words.image(installed.name, installed.version) : words.noImage],
          [fields.order, action ? <Order key="order" action={action} /> : words.noOrder],
          ...known.map(([name, value]) => [name, value] as const),
          ...(known.length === 0 ? [[fields.attributes, words.noAttributes] as const] : []),
          [fields.controller, controllerId],
          [fields.tenant, tenant],
          [fields.url, url ?? words.noUrl],
          ...(mustConfirm ? [[fields.owner, words.mustConfirm] as const] : []),
        ]}
      />
    </Card>
  )
}

function Order({ action: { name, version, state, percent } }: { action: NonNullable<DdiDevice['action']> }) {
  return (
    <span className="flex min-w-0 flex-col gap-1">
      <span className="wrap-anywhere">
        {words.image(name, version)}: {words.states[state]}
      </span>
      {percent !== undefined && (
        <span className="flex items-center gap-2">
          <span className="block w-40 max-w-full">
            <ProgressBar label={name} done={percent} total={100} />
          </span>
          <span className="tabular text-xs text-soft">{words.progress(percent)}</span>
        </span>
      )}
    </span>
  )
}

const LinesCard = ({ ddi: { lines } }: { ddi: DdiDevice }) => (
  <Card title={words.lines} isFlush={lines.length > 0}>
    {lines.length === 0 ? (
      <p className="text-sm text-soft">{words.noLines}</p>
    ) : (
      <PlainTable
        label={words.lines}
        headers={[words.columns.text, words.columns.order, words.columns.time]}
        rows={lines.toReversed().map(({ atMs, action, text }, index) => ({
          key: String(lines.length - index),
          cells: [
            <code key="text" className="font-mono text-xs wrap-anywhere">
              {text}
            </code>,
            <span key="order" className="tabular text-soft">
              {action}
            </span>,
            <Instant key="time" ms={atMs} className="whitespace-nowrap text-soft" />,
          ],
        }))}
      />
    )}
  </Card>
)
