/** Live page: the current values of a source's tags on one device, and a way to write the writable ones. */
import type { Connection, ConnectionSpec, ConnectionStatus } from '@skerry/contract/connections/connection'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { Page } from '../../../components/card.tsx'
import { DeviceLink } from '../../../components/facts/device-link.tsx'
import { Hidden } from '../../../components/hidden.tsx'
import { WaitingCard } from '../../../components/waiting-card.tsx'
import { useRefusal } from '../../../hub/permission.ts'
import { sourcesTexts } from '../english-sources.ts'
import { equipmentTexts } from '../equipment/english-equipment.ts'
import { RestartButton } from '../restart-button.tsx'
import { SourceBadge } from '../source-marks.tsx'
import { sourceQueries } from '../source-queries.ts'
import { liveSourceTexts as words } from './english-live-source.ts'
import { LiveCard } from './live-card.tsx'

const back = { to: '/sources', text: sourcesTexts.title } as const

/** Renders the page at /sources/ID/devices/NAME. */
export function LivePage() {
  const { source: id, device } = useParams({ from: '/inside/sources/$source/devices/$device' })
  const refusal = useRefusal('connection.read', 'source.read')
  const source = useQuery({ ...sourceQueries.one(id), enabled: refusal === undefined })
  const said = useQuery({ ...sourceQueries.ofDevice(device), enabled: refusal === undefined })
  const name = source.data?.connection.name
  const title = name === undefined ? sourcesTexts.title : words.title(name, device)
  const error = source.error ?? said.error
  if (refusal !== undefined)
    return (
      <Page title={title} back={back}>
        <Hidden reason={refusal} />
      </Page>
    )
  if (!source.data || !said.data)
    return (
      <Page title={title} back={back}>
        <WaitingCard error={error} retry={source.refetch} />
      </Page>
    )
  const { connection, spec } = source.data
  const status = said.data.running.find(({ kind, name: each }) => kind === 'source' && each === connection.name)
  const counts = said.data.connections.some(({ id: each }) => each === connection.id)
  return <Known connection={connection} spec={spec} device={device} status={status} counts={counts} />
}

type KnownProps = {
  connection: Connection
  spec: ConnectionSpec
  device: string
  status: ConnectionStatus | undefined
  /** False if another source of the same name applies to the device instead. */
  counts: boolean
}

function Known({ connection, spec, device, status, counts }: KnownProps) {
  const { id, name, digest } = connection
  const state = status?.state ?? 'unsaid'
  const isBehind = status !== undefined && status.digest !== digest
  return (
    <Page
      isFull
      title={words.title(name, device)}
      back={back}
      beside={<SourceBadge state={state} />}
      actions={<RestartButton source={name} device={device} state={state} />}
      lead={
        <>
          <Link to="/sources/$source" params={{ source: id }} className="rounded hover:text-text hover:underline">
            {name}
          </Link>
          <span aria-hidden>·</span>
          <DeviceLink device={device} />
        </>
      }
    >
      {status?.cause && <Notice>{status.cause.message}</Notice>}
      {state === 'quarantined' && <Notice>{equipmentTexts.restart.quarantined}</Notice>}
      {!counts && <Notice>{words.unset}</Notice>}
      {counts && isBehind && <Notice>{words.behind}</Notice>}
      <LiveCard connection={connection} spec={spec} device={device} />
    </Page>
  )
}

const Notice = ({ children }: { children: ReactNode }) => (
  <p role="status" className="card flex items-start gap-2.5 px-4 py-3 text-sm wrap-anywhere">
    <TriangleAlert size={16} className="mt-0.5 shrink-0 text-warn" aria-hidden />
    {children}
  </p>
)
