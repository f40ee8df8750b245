/** Expected card: machines that were announced, and which of them have joined. */
import type { ExpectedDevice } from '@skerry/contract/devices/expected-device'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { Confirmation } from '../../../components/dialogs/confirmation.tsx'
import { DeviceLink } from '../../../components/facts/device-link.tsx'
import { Failure, Loading } from '../../../components/page-state.tsx'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { joiningTexts } from './english-joining.ts'
import { ExpectDialog } from './expect-dialog.tsx'
import { ExpectListDialog } from './expect-list-dialog.tsx'
import { joinQueries } from './join-queries.ts'

const words = joiningTexts.expected

type Asked = { act: 'add' | 'import' } | { act: 'remove'; expected: ExpectedDevice }

/** The card. */
export function ExpectedCard() {
  const { data, error, refetch } = useQuery(joinQueries.expected())
  const [asked, setAsked] = useState<Asked>()
  const onClose = () => setAsked(undefined)
  const { columns } = words
  return (
    <Card title={words.title} aside={<Makers onAsk={(act) => setAsked({ act })} />} isFlush>
      {!data && (error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading />)}
      {data?.length === 0 && (
        <p className="p-4 text-sm text-soft">
          {words.none} {words.lead}
        </p>
      )}
      {data && data.length > 0 && (
        <PlainTable
          label={words.title}
          headers={[columns.what, columns.site, columns.name, columns.by, columns.joined, columns.acts]}
          rows={data.map((expected) => ({
            key: expected.id,
            cells: cellsOf(expected, () => setAsked({ act: 'remove', expected })),
          }))}
        />
      )}
      {asked?.act === 'add' && <ExpectDialog onClose={onClose} />}
      {asked?.act === 'import' && <ExpectListDialog onClose={onClose} />}
      {asked?.act === 'remove' && (
        <Confirmation
          title={words.removeTitle(whatOf(asked.expected))}
          lead={words.removeLead}
          verb={words.remove}
          isDanger
          run={() => hub.expected.remove({ expected: asked.expected.id })}
          done={words.removed}
          onClose={onClose}
        />
      )}
    </Card>
  )
}

const Makers = ({ onAsk }: { onAsk: (act: 'add' | 'import') => void }) => (
  <span className="flex gap-1.5">
    <GuardedButton isSmall permission="token.write" onClick={() => onAsk('import')}>
      {words.import}
    </GuardedButton>
    <GuardedButton isSmall permission="token.write" onClick={() => onAsk('add')}>
      {words.add}
    </GuardedButton>
  </span>
)

const whatOf = ({ serial, keyFingerprint }: ExpectedDevice) => serial ?? `${keyFingerprint?.slice(0, 16)}…`

function cellsOf(expected: ExpectedDevice, onRemove: () => void) {
  const { serial, keyFingerprint, site, name, by, device } = expected
  return [
    <span key="what" className="flex flex-col py-1 font-mono text-xs">
      {serial !== undefined && <span>{serial}</span>}
      {keyFingerprint !== undefined && <span title={keyFingerprint}>{keyFingerprint.slice(0, 16)}…</span>}
    </span>,
    site,
    name ?? '–',
    by,
    device ? (
      <DeviceLink key="joined" device={device.name} />
    ) : (
      <span key="joined" className="text-soft">
        {words.notYet}
      </span>
    ),
    <GuardedButton
      key="remove"
      isSmall
      look="danger"
      permission="token.write"
      aria-label={words.removeLabel(whatOf(expected))}
      onClick={onRemove}
    >
      {words.remove}
    </GuardedButton>,
  ]
}
