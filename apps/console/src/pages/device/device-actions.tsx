/** Device actions: what a person can do with a device, each with the device's name in the question. */
import type { DeviceDetail, DeviceStatus } from '@skerry/contract/devices/device'
import { deviceTag, type EntityTag } from '@skerry/contract/values/entity-tag'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Confirmation, type ConfirmationProps } from '../../components/dialogs/confirmation.tsx'
import { hub } from '../../hub/hub-client.ts'
import { deviceWords } from './english-device.ts'
import { devicePageTexts } from './english-device-page.ts'
import { RelabelDialog } from './relabel-dialog.tsx'

type Action = 'approve' | 'resume' | 'release' | 'quarantine' | 'wipe' | 'relabel' | 'revoke' | 'remove'

const words = devicePageTexts
const labels = { ...words.actions, ...deviceWords.actions }
const done = { ...words.done, ...deviceWords.actionsDone }

type Offer = { name: Action; look: 'primary' | 'plain' | 'danger'; where?: readonly DeviceStatus[] }

/** In their order; those that make sense in some states only name them. */
const ACTIONS: readonly Offer[] = [
  { name: 'approve', look: 'primary', where: ['pending'] },
  { name: 'resume', look: 'primary', where: ['conflict-paused'] },
  { name: 'release', look: 'primary', where: ['quarantined'] },
  { name: 'relabel', look: 'plain' },
  { name: 'quarantine', look: 'plain', where: ['active', 'conflict-paused'] },
  { name: 'revoke', look: 'danger', where: ['pending', 'active', 'conflict-paused', 'quarantined', 'wiping'] },
  { name: 'wipe', look: 'danger', where: ['quarantined', 'revoked'] },
  { name: 'remove', look: 'danger' },
]

/** What is asked, and the state of the device that was seen then. */
type Asked = { action: Action; ifMatch: EntityTag }

/** The buttons that the state of the device allows. */
export function DeviceActions({ device }: { device: DeviceDetail }) {
  const [asked, setAsked] = useState<Asked>()
  const action = asked?.action
  const close = () => setAsked(undefined)
  const question = useQuestion(device, asked, close)
  const { status } = device
  const shown = ACTIONS.filter(({ where }) => where?.includes(status) ?? true)
  return (
    <>
      {shown.map(({ name, look }) => (
        <GuardedButton
          key={name}
          permission={name === 'wipe' ? 'device.wipe' : 'device.write'}
          look={look}
          onClick={() => setAsked({ action: name, ifMatch: deviceTag(device) })}
        >
          {labels[name]}
        </GuardedButton>
      ))}
      {question && <Confirmation {...question} />}
      {action === 'relabel' && <RelabelDialog device={device} onClose={close} />}
    </>
  )
}

function useQuestion(
  { name }: DeviceDetail,
  asked: Asked | undefined,
  onClose: () => void,
): ConfirmationProps | undefined {
  const navigate = useNavigate()
  const client = useQueryClient()
  if (asked === undefined || asked.action === 'relabel') return undefined
  const { action, ifMatch } = asked
  const meant = { context: { ifMatch } }
  const common = { verb: labels[action], done: done[action](name), onClose }
  switch (action) {
    case 'approve':
      return {
        ...common,
        title: words.approveTitle(name),
        lead: words.approveLead,
        run: () => hub.device.approve({ device: name }, meant),
      }
    case 'resume':
      return {
        ...common,
        title: words.resumeTitle(name),
        lead: words.resumeLead,
        needsReason: true,
        run: (reason) => hub.device.resume({ device: name, reason }, meant),
      }
    case 'quarantine':
      return {
        ...common,
        title: deviceWords.quarantineTitle(name),
        lead: deviceWords.quarantineLead,
        needsReason: true,
        run: (reason) => hub.device.quarantine({ device: name, reason }, meant),
      }
    case 'release':
      return {
        ...common,
        title: deviceWords.releaseTitle(name),
        lead: deviceWords.releaseLead,
        needsReason: true,
        run: (reason) => hub.device.release({ device: name, reason }, meant),
      }
    case 'wipe':
      return {
        ...common,
        title: deviceWords.wipeTitle(name),
        lead: deviceWords.wipeLead,
        needsReason: true,
        isDanger: true,
        typedName: name,
        run: (reason) => hub.device.wipe({ device: name, reason, confirm: name }, meant),
      }
    case 'revoke':
      return {
        ...common,
        title: words.revokeTitle(name),
        lead: words.revokeLead,
        needsReason: true,
        isDanger: true,
        typedName: name,
        run: (reason) => hub.device.revoke({ device: name, reason }),
      }
    case 'remove':
      return {
        ...common,
        title: words.removeTitle(name),
        lead: words.removeLead,
        isDanger: true,
        typedName: name,
        run: async () => {
          await hub.device.remove({ device: name }, meant)
          await navigate({ to: '/devices' })
          client.removeQueries({ queryKey: ['devices', 'one', name] })
        },
      }
  }
}
