/** Device: what it should run, what it runs and why they differ; what it is, and what can be done with it. */
import type { DeviceDetail } from '@skerry/contract/device'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { TriangleAlert } from 'lucide-react'
import { HealthBadge } from '../../components/badge.tsx'
import { Card, Facts, LabelTags, Page } from '../../components/card.tsx'
import { Copyable } from '../../components/copyable.tsx'
import { Instant } from '../../components/instant.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { queries } from '../../hub/queries.ts'
import { texts } from '../../texts/english.ts'
import { RecentAudit } from '../overview/recent-audit.tsx'
import { DeviceActions } from './device-actions.tsx'
import { IntentCard } from './intent-card.tsx'
import { InventoryCard } from './inventory-card.tsx'
import { ItemsCard } from './items-card.tsx'

const back = { to: '/devices', text: texts.device.back } as const

/** The page at /devices/NAME. */
export function DevicePage() {
  const { device: name } = useParams({ from: '/inside/devices/$device' })
  const { data, error, refetch } = useQuery(queries.device(name))
  if (error)
    return (
      <Page title={name} back={back}>
        <Card>
          <Failure error={error} onRetry={() => void refetch()} />
        </Card>
      </Page>
    )
  if (!data)
    return (
      <Page title={name} back={back}>
        <Card>
          <Loading rows={8} />
        </Card>
      </Page>
    )
  return <DeviceView device={data} />
}

function DeviceView({ device }: { device: DeviceDetail }) {
  return (
    <Page
      title={device.name}
      back={back}
      beside={<HealthBadge health={device.health} />}
      lead={
        <>
          <span>{texts.device.at(device.site)}</span>
          <span aria-hidden>·</span>
          <span>
            {texts.devices.columns.seen} <Instant ms={device.lastSeenAtMs} />
          </span>
          <span aria-hidden>·</span>
          <Copyable value={device.id} what={texts.device.id} />
        </>
      }
      actions={<DeviceActions device={device} />}
    >
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1.75fr)_minmax(20rem,1fr)]">
        <div className="flex min-w-0 flex-col gap-4">
          <Conditions device={device} />
          <IntentCard device={device} />
          <ItemsCard device={device} />
          <RecentAudit object={device.id} title={texts.device.audit} />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <InventoryCard device={device} />
          <Card title={texts.device.labels}>
            {Object.keys(device.labels).length === 0 ? (
              <p className="text-sm text-soft">{texts.device.noLabels}</p>
            ) : (
              <LabelTags labels={device.labels} />
            )}
          </Card>
          <IdentityCard device={device} />
        </div>
      </div>
    </Page>
  )
}

function Conditions({ device: { conditions } }: { device: DeviceDetail }) {
  if (conditions.length === 0) return null
  return (
    <Card title={texts.device.conditions} isFlush>
      <ul className="divide-y divide-line">
        {conditions.map(({ code, message }) => (
          <li key={code} className="flex items-start gap-3 px-4 py-3 text-sm">
            <TriangleAlert size={16} className="mt-0.5 shrink-0 text-warn" aria-hidden />
            <span className="min-w-0 flex-1 wrap-anywhere">{message}</span>
            <code className="font-mono text-xs text-soft">{code}</code>
          </li>
        ))}
      </ul>
    </Card>
  )
}

function IdentityCard({ device: { certificate, createdAtMs } }: { device: DeviceDetail }) {
  const { identity, certificate: name, fingerprint, expires, joined, noCertificate } = texts.device
  return (
    <Card title={identity}>
      <Facts
        rows={[
          [joined, <Instant key="joined" ms={createdAtMs} isAbsolute />],
          ...(certificate === undefined
            ? ([
                [
                  name,
                  <span key="none" className="text-soft">
                    {noCertificate}
                  </span>,
                ],
              ] as const)
            : ([
                [name, <Copyable key="serial" value={certificate.serial} what={name} />],
                [fingerprint, <Copyable key="fingerprint" value={certificate.fingerprint} what={fingerprint} />],
                [expires, <Instant key="expires" ms={certificate.notAfterMs} isAbsolute />],
              ] as const)),
        ]}
      />
    </Card>
  )
}
