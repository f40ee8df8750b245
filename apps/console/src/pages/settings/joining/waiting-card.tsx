/** Waiting card: devices that wait for a person, with the key that they have proved and their other claims. */
import type { WaitingDevice } from '@skerry/contract/joining/join'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { Confirmation } from '../../../components/dialogs/confirmation.tsx'
import { Copyable } from '../../../components/facts/copyable.tsx'
import { DeviceLink } from '../../../components/facts/device-link.tsx'
import { Instant } from '../../../components/facts/instant.tsx'
import { Failure, Loading } from '../../../components/page-state.tsx'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { joiningTexts } from './english-joining.ts'
import { joinQueries } from './join-queries.ts'

const words = joiningTexts.waiting

type Asked = { act: 'approve' | 'deny'; device: WaitingDevice }

export function WaitingCard() {
  const { data, error, refetch } = useQuery(joinQueries.waiting())
  const [asked, setAsked] = useState<Asked>()
  const { columns } = words
  return (
    <Card title={words.title} isFlush>
      <p className="border-b border-line px-4 py-2 text-xs text-soft">{words.lead}</p>
      {!data && (error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading />)}
      {data?.length === 0 && <p className="p-4 text-sm text-soft">{words.none}</p>}
      {data && data.length > 0 && (
        <PlainTable
          label={words.title}
          headers={[columns.device, columns.site, columns.says, words.key, columns.from, columns.asked, columns.acts]}
          rows={data.map((device) => ({ key: device.id, cells: cellsOf(device, setAsked) }))}
        />
      )}
      {asked && <Question {...asked} onClose={() => setAsked(undefined)} />}
    </Card>
  )
}

function cellsOf(device: WaitingDevice, ask: (asked: Asked) => void) {
  const { name, site, keyFingerprint, source, askedAtMs, expiresAtMs } = device
  return [
    <DeviceLink key="device" device={name} />,
    site,
    <Said key="says" device={device} />,
    <Copyable key="key" value={keyFingerprint} shown={`${keyFingerprint.slice(0, 16)}…`} what={words.key} />,
    source ?? '–',
    <span key="asked" className="flex flex-col text-xs">
      <Instant ms={askedAtMs} />
      <span className="text-soft">
        {words.forgotten} <Instant ms={expiresAtMs} />
      </span>
    </span>,
    <span key="acts" className="inline-flex gap-1.5">
      <GuardedButton
        isSmall
        permission="device.write"
        aria-label={words.approveLabel(name)}
        onClick={() => ask({ act: 'approve', device })}
      >
        {words.approve}
      </GuardedButton>
      <GuardedButton
        isSmall
        look="danger"
        permission="device.write"
        aria-label={words.denyLabel(name)}
        onClick={() => ask({ act: 'deny', device })}
      >
        {words.deny}
      </GuardedButton>
    </span>,
  ]
}

/** Claims of the device, without proof. */
const Said = ({ device: { serial, hostname, machine, notice } }: { device: WaitingDevice }) => (
  <span className="flex max-w-80 min-w-40 flex-col text-xs text-soft wrap-anywhere">
    {serial !== undefined && <span>{words.serial(serial)}</span>}
    {notice === 'serial-in-use' && <span className="font-medium text-bad">{words.inUse}</span>}
    <span>{[hostname, machine].filter(Boolean).join(': ')}</span>
  </span>
)

/** The fingerprint ensures that the hub admits only the device whose key the person saw. */
function Question({ act, device: { name, keyFingerprint }, onClose }: Asked & { onClose: () => void }) {
  if (act === 'approve') {
    const said = { title: words.approveTitle(name), lead: words.approveLead(keyFingerprint), verb: words.approve }
    const run = () => hub.device.approve({ device: name, keyFingerprint })
    return <Confirmation {...said} run={run} done={words.approved(name)} onClose={onClose} />
  }
  const said = { title: words.denyTitle(name), lead: words.denyLead, verb: words.deny, done: words.denied(name) }
  const run = (reason: string) => hub.device.deny({ device: name, reason })
  return <Confirmation {...said} isDanger needsReason run={run} onClose={onClose} />
}
