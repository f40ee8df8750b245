/** Bulk bar: what can be done with the selected devices; each button says with how many. */
import type { Device } from '@skerry/contract/devices/device'
import { Tag, Tags, UserCheck, X } from 'lucide-react'
import { useState } from 'react'
import { GuardedButton, IconButton } from '../../components/button.tsx'
import { hub } from '../../hub/hub-client.ts'
import { BulkDialog } from './bulk-dialog.tsx'
import { BULK_MAX } from './bulk-run.ts'
import { devicesWords as words } from './english-devices.ts'
import { RemoveLabelDialog, SetLabelDialog } from './label-dialogs.tsx'
import { type Selection, useChosen } from './selection.ts'

type Action = 'approve' | 'set' | 'remove'

/** What a dialog was opened with: the list goes on changing under it. */
type Opened = { action: Action; rows: readonly Device[] }

type BulkBarProps = {
  selection: Selection
  /** What the filter hides is not touched. */
  shown: readonly Device[]
}

/** The bar; nothing while nothing is selected. */
export function BulkBar({ selection, shown }: BulkBarProps) {
  const chosen = useChosen(selection)
  const [opened, setOpened] = useState<Opened>()
  const rows = chosen.size === 0 ? [] : shown.filter(({ id }) => chosen.has(id))
  const close = () => setOpened(undefined)
  if (rows.length === 0 && !opened) return null
  return (
    <section
      aria-label={words.selection}
      className="flex flex-wrap items-center gap-2 rounded-lg border border-accent/40 bg-surface px-3 py-2 shadow-card"
    >
      <p role="status" className="mr-2 text-sm font-medium tabular">
        {words.selected(rows.length)}
      </p>
      <BarButtons rows={rows} onOpen={setOpened} />
      <span className="flex-1" />
      <IconButton isSmall label={words.clear} onClick={() => selection.set([])}>
        <X size={15} aria-hidden />
      </IconButton>
      {opened?.action === 'approve' && <ApproveDialog rows={opened.rows} onClose={close} />}
      {opened?.action === 'set' && <SetLabelDialog rows={opened.rows} onClose={close} />}
      {opened?.action === 'remove' && <RemoveLabelDialog rows={opened.rows} onClose={close} />}
    </section>
  )
}

function BarButtons({ rows, onOpen }: { rows: readonly Device[]; onOpen: (opened: Opened) => void }) {
  const pending = rows.filter(({ status }) => status === 'pending')
  const tooMany = (count: number) => (count > BULK_MAX ? words.tooMany(BULK_MAX) : undefined)
  const button = { permission: 'device.write', isSmall: true } as const
  return (
    <>
      <GuardedButton
        {...button}
        look={pending.length > 0 ? 'primary' : 'plain'}
        blocked={pending.length === 0 ? words.approveNone : tooMany(pending.length)}
        onClick={() => onOpen({ action: 'approve', rows: pending })}
      >
        <UserCheck size={14} aria-hidden />
        {words.approve(pending.length)}
      </GuardedButton>
      <GuardedButton {...button} blocked={tooMany(rows.length)} onClick={() => onOpen({ action: 'set', rows })}>
        <Tag size={14} aria-hidden />
        {words.addLabel}
      </GuardedButton>
      <GuardedButton {...button} blocked={tooMany(rows.length)} onClick={() => onOpen({ action: 'remove', rows })}>
        <Tags size={14} aria-hidden />
        {words.removeLabel}
      </GuardedButton>
    </>
  )
}

const ApproveDialog = ({ rows, onClose }: { rows: readonly Device[]; onClose: () => void }) => (
  <BulkDialog
    title={words.approveTitle(rows.length)}
    lead={words.approveLead}
    verb={words.approve(rows.length)}
    rows={rows}
    work={({ id }, signal) => hub.device.approve({ device: id }, { signal })}
    done={words.approved}
    onClose={onClose}
  >
    <ul className="max-h-40 overflow-y-auto text-sm text-soft">
      {rows.map(({ id, name, site }) => (
        <li key={id}>
          <span className="font-medium text-text">{name}</span> {site}
        </li>
      ))}
    </ul>
  </BulkDialog>
)
